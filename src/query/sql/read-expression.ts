/** Expressions of the parser's tree, as our own: comparisons, logic, constants, columns and calls. */
import { type AstNode, type AstReader, asList, asText, stringNode } from './ast-reader.js';
import { readCast, readConstant } from './read-constant.js';
import { namesAt } from './read-name.js';
import { ARITHMETIC } from './refusals.js';
import type { CallSyntax, ColumnSyntax, ComparisonSign, Expression } from './syntax.js';

const SIGNS: readonly string[] = ['=', '<>', '<', '<=', '>', '>='];
const ARITHMETIC_SIGNS = [
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '||',
  '&',
  '|',
  '#',
  '<<',
  '>>',
  '@',
  '|/',
  '||/',
  '~',
];

const READERS: Readonly<Record<string, (reader: AstReader, node: AstNode) => Expression>> = {
  ColumnRef: readColumn,
  A_Const: readConstant,
  TypeCast: readCast,
  FuncCall: readCall,
  A_Expr: readOperator,
  BoolExpr: readLogic,
  NullTest: readNullTest,
  BooleanTest: readTruthTest,
};

/** @throws WarifuError SQL_UNSUPPORTED naming the construct and its place. */
export function readExpression(reader: AstReader, raw: unknown, near: number): Expression {
  const node = reader.open(raw, near);
  const read = Object.hasOwn(READERS, node.kind) ? READERS[node.kind] : undefined;
  if (read === undefined) throw reader.refuse(node);
  return read(reader, node);
}

function readColumn(reader: AstReader, node: AstNode): ColumnSyntax {
  reader.only(node, 'fields');
  const fields = asList(node.fields['fields']);
  for (const field of fields) {
    if (stringNode(field) === undefined) throw reader.refuse({ ...node, kind: 'A_Star' });
  }
  const names = namesAt(reader.source, node.at, fields.length);
  const [first, second] = names;
  if (first === undefined || names.length > 2) {
    throw reader.source.unsupported(node.at, {
      what: 'a column name of more than two parts is not offered',
      instead: 'write column or table.column',
    });
  }
  if (second === undefined) return { kind: 'column', at: node.at, qualifier: undefined, name: first };
  return { kind: 'column', at: node.at, qualifier: first, name: second };
}

function readCall(reader: AstReader, node: AstNode): CallSyntax {
  // before its ORDER BY, which would be named otherwise
  if (node.fields['agg_within_group'] !== undefined) throw reader.refuse(node, 'FuncCall.agg_within_group');
  reader.only(node, 'funcname', 'args', 'agg_star', 'funcformat');
  if (node.fields['funcformat'] !== 'COERCE_EXPLICIT_CALL') throw reader.refuse(node, 'FuncCall.funcformat');
  const [name, ...more] = asList(node.fields['funcname']).map(stringNode);
  if (name === undefined || more.length > 0) {
    throw reader.source.unsupported(node.at, {
      what: 'a function name with a schema is not offered',
      instead: 'write the name alone',
    });
  }
  const args = asList(node.fields['args']).map((arg) => readExpression(reader, arg, node.at));
  return { kind: 'call', at: node.at, name, star: node.fields['agg_star'] === true, args };
}

function readOperator(reader: AstReader, node: AstNode): Expression {
  reader.only(node, 'kind', 'name', 'lexpr', 'rexpr', 'rexpr_list_start', 'rexpr_list_end');
  const kind = asText(node.fields['kind']);
  const name = operatorName(node);
  switch (`${kind} ${name}`) {
    case 'AEXPR_DISTINCT =':
      return { kind: 'distinct', at: node.at, sign: '<>', ...operands(reader, node) };
    case 'AEXPR_NOT_DISTINCT =':
      return { kind: 'distinct', at: node.at, sign: '=', ...operands(reader, node) };
    case 'AEXPR_IN =':
      return listed(reader, node, 'in', false);
    case 'AEXPR_IN <>':
      return listed(reader, node, 'in', true);
    case 'AEXPR_BETWEEN BETWEEN':
      return listed(reader, node, 'between', false);
    case 'AEXPR_NOT_BETWEEN NOT BETWEEN':
      return listed(reader, node, 'between', true);
  }
  if (kind === 'AEXPR_OP') return readSign(reader, node, name);
  throw reader.refuse(node, kind);
}

/** The operator, or '' for one that is written with a schema. */
function operatorName(node: AstNode): string {
  const [name, ...more] = asList(node.fields['name']).map(stringNode);
  return more.length === 0 ? (name ?? '') : '';
}

function operands(reader: AstReader, node: AstNode): { left: Expression; right: Expression } {
  const left = readExpression(reader, node.fields['lexpr'], node.at);
  return { left, right: readExpression(reader, node.fields['rexpr'], node.at) };
}

function readSign(reader: AstReader, node: AstNode, name: string): Expression {
  if (node.fields['lexpr'] === undefined && (name === '-' || name === '+'))
    return readUnary(reader, node, name);
  if (ARITHMETIC_SIGNS.includes(name)) throw reader.refusal(ARITHMETIC, node.at);
  if (!isComparison(name)) throw reader.refuse(node, 'AEXPR_OP');
  return { kind: 'compare', at: node.at, sign: name, ...operands(reader, node) };
}

function isComparison(name: string): name is ComparisonSign {
  return SIGNS.includes(name);
}

/** A sign before a number (the parser folds only the innermost minus itself). */
function readUnary(reader: AstReader, node: AstNode, sign: '-' | '+'): Expression {
  const operand = readExpression(reader, node.fields['rexpr'], node.at);
  if (operand.kind !== 'constant' || operand.value.kind !== 'number')
    throw reader.refusal(ARITHMETIC, node.at);
  const { mantissa, digits } = operand.value;
  const value = { kind: 'number', mantissa: sign === '-' ? -mantissa : mantissa, digits } as const;
  return { kind: 'constant', at: node.at, value };
}

function listed(reader: AstReader, node: AstNode, kind: 'between' | 'in', negated: boolean): Expression {
  const subject = readExpression(reader, node.fields['lexpr'], node.at);
  const list = reader.open(node.fields['rexpr'], node.at);
  if (list.kind !== 'List') throw reader.refuse(list);
  reader.only(list, 'items');
  const items = asList(list.fields['items']).map((item) => readExpression(reader, item, node.at));
  return { kind, at: node.at, negated, subject, items };
}

function readLogic(reader: AstReader, node: AstNode): Expression {
  reader.only(node, 'boolop', 'args');
  const terms = asList(node.fields['args']).map((arg) => readExpression(reader, arg, node.at));
  const [first] = terms;
  switch (node.fields['boolop']) {
    case 'AND_EXPR':
      return { kind: 'and', at: node.at, terms };
    case 'OR_EXPR':
      return { kind: 'or', at: node.at, terms };
    case 'NOT_EXPR':
      if (first !== undefined && terms.length === 1) return { kind: 'not', at: node.at, term: first };
  }
  throw reader.refuse(node);
}

function readNullTest(reader: AstReader, node: AstNode): Expression {
  reader.only(node, 'arg', 'nulltesttype');
  const negated = node.fields['nulltesttype'] === 'IS_NOT_NULL';
  if (!negated && node.fields['nulltesttype'] !== 'IS_NULL') throw reader.refuse(node);
  return { kind: 'is-null', at: node.at, negated, term: readExpression(reader, node.fields['arg'], node.at) };
}

function readTruthTest(reader: AstReader, node: AstNode): Expression {
  reader.only(node, 'arg', 'booltesttype');
  const match = /^IS_(NOT_)?(TRUE|FALSE|UNKNOWN)$/.exec(asText(node.fields['booltesttype']));
  if (match === null) throw reader.refuse(node);
  const truth = match[2] === 'TRUE' ? 'true' : match[2] === 'FALSE' ? 'false' : 'unknown';
  const term = readExpression(reader, node.fields['arg'], node.at);
  return { kind: 'is-truth', at: node.at, truth, negated: match[1] !== undefined, term };
}
