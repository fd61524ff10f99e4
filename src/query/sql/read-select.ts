/** The one SELECT of a query, from the parser's tree. */
import { type AstNode, AstReader, asFields, asList, exactly } from './ast-reader.js';
import { readExpression } from './read-expression.js';
import { checkedName } from './read-name.js';
import { NOT_A_SELECT, SEVERAL_STATEMENTS } from './refusals.js';
import type { SqlSource, SqlToken } from './source.js';
import type { Name, SelectItem, SelectSyntax } from './syntax.js';

/**
 * @param tree what parseSql returned.
 * @throws WarifuError SQL_UNSUPPORTED naming the construct, its place and what to write instead.
 */
export function readSelect(source: SqlSource, tree: unknown): SelectSyntax {
  const reader = new AstReader(source);
  const { stmts } = exactly(asFields(tree), 'version', 'stmts');
  const [first, second] = asList(stmts).map((raw) =>
    exactly(asFields(raw), 'stmt', 'stmt_location', 'stmt_len'),
  );
  if (first === undefined) throw source.error('SQL_SYNTAX', 0, { what: 'the query is empty', instead: '' });
  if (second !== undefined) throw reader.refusal(SEVERAL_STATEMENTS, secondStatement(source));
  const start = source.tokens[0]?.start ?? 0;
  const statement = reader.open(first['stmt'], start);
  if (statement.kind !== 'SelectStmt') throw reader.refusal(NOT_A_SELECT, start);
  return readStatement(reader, statement);
}

function secondStatement({ tokens }: SqlSource): number {
  const end = tokens.findIndex((token, index) => token.word === ';' && tokens[index + 1]?.word !== ';');
  return tokens[end + 1]?.start ?? 0;
}

function readStatement(reader: AstReader, node: AstNode): SelectSyntax {
  if (node.fields['op'] !== 'SETOP_NONE') throw reader.refuse(node, 'SelectStmt.op');
  reader.only(node, 'targetList', 'fromClause', 'whereClause', 'groupClause', 'limitOption', 'op');
  if (node.fields['limitOption'] !== 'LIMIT_OPTION_DEFAULT') {
    throw reader.refuse(node, 'SelectStmt.limitOption');
  }
  const { whereClause } = node.fields;
  return {
    ...readFrom(reader, node),
    items: readItems(reader, node),
    where: whereClause === undefined ? undefined : readExpression(reader, whereClause, node.at),
    groupBy: asList(node.fields['groupClause']).map((key) => readExpression(reader, key, node.at)),
  };
}

function readFrom(reader: AstReader, node: AstNode): Pick<SelectSyntax, 'table' | 'alias'> {
  const [first, second] = asList(node.fields['fromClause']);
  if (first === undefined) {
    throw reader.source.unsupported(reader.source.text.trimEnd().length, {
      what: 'FROM is missing',
      instead: 'write FROM and the name of a table',
    });
  }
  // subqueries and functions carry no place of their own
  const from = reader.source.tokenFrom(reader.source.keywordFrom(node.at, 'FROM'));
  const table = reader.open(first, reader.source.tokens[from + 1]?.start ?? node.at);
  if (table.kind !== 'RangeVar') throw reader.refuse(table);
  if (second !== undefined) throw reader.refuse({ ...reader.open(second, table.at), kind: 'JoinExpr' });
  reader.only(table, 'relname', 'inh', 'relpersistence', 'alias');
  if (table.fields['inh'] !== true) throw reader.refuse(node, 'RangeVar.inh');
  return { table: nameAt(reader.source, reader.source.tokenFrom(table.at)), alias: readAlias(reader, table) };
}

function readAlias(reader: AstReader, table: AstNode): Name | undefined {
  if (table.fields['alias'] === undefined) return undefined;
  const alias = reader.named('Alias', asFields(table.fields['alias']), table.at);
  reader.only(alias, 'aliasname');
  const after = reader.source.tokenFrom(table.at) + 1;
  return nameAt(reader.source, reader.source.tokens[after]?.word === 'AS' ? after + 1 : after);
}

function nameAt(source: SqlSource, index: number): Name {
  const token = source.tokens[index];
  if (token === undefined)
    throw source.unsupported(source.text.length, { what: 'a name is missing', instead: '' });
  return checkedName(source, token);
}

function readItems(reader: AstReader, node: AstNode): SelectItem[] {
  const targets = asList(node.fields['targetList']);
  if (targets.length === 0) {
    throw reader.source.unsupported(reader.source.keywordFrom(0, 'SELECT'), {
      what: 'nothing is selected',
      instead: 'select an aggregate, such as COUNT(*)',
    });
  }
  const written = selectList(reader.source);
  return targets.map((raw, index) => {
    const target = reader.open(raw, node.at);
    if (target.kind !== 'ResTarget') throw reader.refuse(target);
    reader.only(target, 'name', 'val');
    const expression = readExpression(reader, target.fields['val'], target.at);
    const tokens = written[index] ?? [];
    const last = tokens.at(-1);
    const aliased = target.fields['name'] !== undefined && last !== undefined;
    return {
      expression,
      source: reader.source.text.slice(tokens[0]?.start, last?.end),
      alias: aliased ? checkedName(reader.source, last) : undefined,
    };
  });
}

/** The tokens of each item between SELECT [ALL] and FROM. */
function selectList({ tokens }: SqlSource): SqlToken[][] {
  const items: SqlToken[][] = [[]];
  const select = tokens.findIndex((token) => token.word === 'SELECT');
  const start = tokens[select + 1]?.word === 'ALL' ? select + 2 : select + 1;
  let depth = 0;
  for (const token of tokens.slice(start)) {
    if (depth === 0 && token.word === 'FROM') break;
    if (token.word === '(' || token.word === '[') depth += 1;
    if (token.word === ')' || token.word === ']') depth -= 1;
    if (depth === 0 && token.word === ',') items.push([]);
    else items.at(-1)?.push(token);
  }
  return items;
}
