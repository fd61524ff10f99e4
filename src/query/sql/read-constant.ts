/** Constants of the parser's tree: numbers, texts, TRUE/FALSE, NULL, and DATE '...'. */
import { parseDay } from '../../share/schema.js';
import { type AstNode, type AstReader, asFields, asText, exactly, stringNode } from './ast-reader.js';
import { type NumberConstant, parseNumber } from './number.js';
import type { Constant, ConstantSyntax } from './syntax.js';

/** An A_Const node. */
export function readConstant(reader: AstReader, node: AstNode): ConstantSyntax {
  reader.only(node, 'ival', 'fval', 'sval', 'boolval', 'isnull');
  return { kind: 'constant', at: node.at, value: constantValue(reader, node) };
}

function constantValue(reader: AstReader, { fields, at }: AstNode): Constant {
  const part = (kind: string): unknown => exactly(asFields(fields[kind]), kind)[kind];
  // protobuf leaves out zero, false and the empty text inside each of these
  if (fields['isnull'] === true) return { kind: 'null' };
  if (fields['boolval'] !== undefined) {
    return { kind: 'boolean', value: part('boolval') === true };
  }
  if (fields['sval'] !== undefined) return { kind: 'text', value: asText(part('sval')) };
  if (fields['ival'] === undefined) return numberConstant(reader, asText(part('fval')), at);
  const ival = part('ival');
  return numberConstant(reader, typeof ival === 'number' ? ival.toString() : '0', at);
}

function numberConstant(reader: AstReader, text: string, at: number): NumberConstant {
  const value = parseNumber(text);
  if (value === undefined) {
    throw reader.source.unsupported(at, {
      what: 'this number has too many digits',
      instead: 'write one of at most 100 digits',
    });
  }
  return value;
}

/** A TypeCast node: only DATE 'YYYY-MM-DD', also written '...'::date or CAST('...' AS date). */
export function readCast(reader: AstReader, node: AstNode): ConstantSyntax {
  reader.only(node, 'arg', 'typeName');
  const typeName = reader.named('TypeName', asFields(node.fields['typeName']), node.at);
  const arg = reader.open(node.fields['arg'], typeName.at);
  const { names, typemod, ...others } = typeName.fields;
  const [first, ...rest] = Array.isArray(names) ? names.map(stringNode) : [];
  const plainDate = first === 'date' && rest.length === 0 && typemod === -1;
  const extra = Object.keys(others).some((field) => field !== 'location');
  if (!plainDate || extra || arg.kind !== 'A_Const') {
    throw reader.refuse({ ...node, at: typeName.at });
  }
  const { value } = readConstant(reader, arg);
  if (value.kind === 'null') return { kind: 'constant', at: typeName.at, value };
  if (value.kind !== 'text') throw reader.refuse({ ...node, at: typeName.at });
  return { kind: 'constant', at: typeName.at, value: dateConstant(reader, value.value, arg.at) };
}

/** A date constant from its text. @throws WarifuError SQL_TYPE */
export function dateConstant({ source }: Pick<AstReader, 'source'>, text: string, at: number): Constant {
  const day = parseDay(text);
  if (day === undefined) {
    throw source.error('SQL_TYPE', at, {
      what: `'${text.slice(0, 40)}' is not a date`,
      instead: "write it as 'YYYY-MM-DD', such as '2025-01-31'",
    });
  }
  return { kind: 'date', day };
}
