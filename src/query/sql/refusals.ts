/**
 * What is refused, by name: constructs of PostgreSQL that parse, and what to write instead.
 *
 * Keys are node kinds of the parser, or kind.field for a part of a node that is otherwise accepted.
 */
import type { Complaint } from './source.js';

/** `words`: the keywords to point at, where the construct has some. */
export interface Refusal extends Complaint {
  readonly words?: readonly string[];
}

const ONE_TABLE = 'query one table; providers who hold parts of it upload them as slices of that table';
const COMPARE = 'compare a column with a constant or with another column';
const AFTERWARDS = 'leave it out, and choose among the rows of the result';

export const REFUSALS: Readonly<Record<string, Refusal>> = {
  'SelectStmt.distinctClause': {
    what: 'SELECT DISTINCT is not offered',
    instead: 'GROUP BY the column gives each of its labels once',
    words: ['DISTINCT'],
  },
  'SelectStmt.intoClause': {
    what: 'INTO is not offered',
    instead: 'leave it out: only the analyst receives the result',
    words: ['INTO'],
  },
  'SelectStmt.havingClause': { what: 'HAVING is not offered', instead: AFTERWARDS, words: ['HAVING'] },
  'SelectStmt.windowClause': { what: 'WINDOW is not offered', instead: 'use GROUP BY', words: ['WINDOW'] },
  'SelectStmt.valuesLists': {
    what: 'VALUES is not offered',
    instead: 'write SELECT COUNT(*) FROM table, for example',
    words: ['VALUES'],
  },
  'SelectStmt.sortClause': {
    what: 'ORDER BY is not offered',
    instead: 'leave it out: groups come in the order of their labels, and the result can be sorted',
    words: ['ORDER'],
  },
  'SelectStmt.limitCount': {
    what: 'LIMIT (or FETCH) is not offered',
    instead: AFTERWARDS,
    words: ['LIMIT', 'FETCH'],
  },
  'SelectStmt.limitOffset': { what: 'OFFSET is not offered', instead: AFTERWARDS, words: ['OFFSET'] },
  'SelectStmt.limitOption': { what: 'FETCH is not offered', instead: AFTERWARDS, words: ['FETCH'] },
  'SelectStmt.lockingClause': {
    what: 'FOR UPDATE and its kin are not offered',
    instead: 'leave it out: a query changes nothing',
    words: ['FOR'],
  },
  'SelectStmt.withClause': {
    what: 'WITH (a common table expression) is not offered',
    instead: ONE_TABLE,
    words: ['WITH'],
  },
  'SelectStmt.op': {
    what: 'UNION, INTERSECT and EXCEPT are not offered',
    instead: ONE_TABLE,
    words: ['UNION', 'INTERSECT', 'EXCEPT'],
  },
  'SelectStmt.groupDistinct': {
    what: 'GROUP BY DISTINCT is not offered',
    instead: 'write GROUP BY',
    words: ['DISTINCT'],
  },
  JoinExpr: { what: 'JOIN is not offered', instead: ONE_TABLE, words: ['JOIN'] },
  RangeSubselect: { what: 'a subquery in FROM is not offered', instead: ONE_TABLE },
  RangeFunction: { what: 'a function in FROM is not offered', instead: ONE_TABLE },
  RangeTableFunc: { what: 'a table function in FROM is not offered', instead: ONE_TABLE },
  JsonTable: { what: 'a table function in FROM is not offered', instead: ONE_TABLE },
  RangeTableSample: { what: 'TABLESAMPLE is not offered', instead: 'leave it out' },
  'RangeVar.schemaname': {
    what: 'a table name with a schema is not offered',
    instead: 'write the name alone',
  },
  'RangeVar.catalogname': {
    what: 'a table name with a database is not offered',
    instead: 'write the name alone',
  },
  'RangeVar.inh': { what: 'ONLY is not offered', instead: 'write the name alone', words: ['ONLY'] },
  'Alias.colnames': {
    what: 'names for the columns of a table are not offered',
    instead: 'use the columns’ own names; give results a name with AS',
  },
  'FuncCall.agg_distinct': {
    what: 'DISTINCT inside an aggregate is not offered',
    instead: 'leave it out; GROUP BY the column shows which of its labels occur',
    words: ['DISTINCT'],
  },
  'FuncCall.agg_filter': {
    what: 'FILTER is not offered',
    instead: 'put the condition into WHERE',
    words: ['FILTER'],
  },
  'FuncCall.agg_order': {
    what: 'ORDER BY inside an aggregate is not offered',
    instead: 'leave it out: no aggregate here depends on the order',
    words: ['ORDER'],
  },
  'FuncCall.agg_within_group': {
    what: 'WITHIN GROUP is not offered',
    instead: 'use AVG, VAR_SAMP or STDDEV_SAMP',
    words: ['WITHIN'],
  },
  'FuncCall.over': {
    what: 'OVER (a window function) is not offered',
    instead: 'use GROUP BY',
    words: ['OVER'],
  },
  'FuncCall.func_variadic': {
    what: 'VARIADIC is not offered',
    instead: 'list the arguments',
    words: ['VARIADIC'],
  },
  'FuncCall.funcformat': {
    what: 'this kind of function is not offered',
    instead: COMPARE,
  },
  NamedArgExpr: {
    what: 'named arguments are not offered',
    instead: "write t_test(x, g, 'welch') or t_test(x, g, 'student')",
  },
  A_Star: {
    what: 'SELECT * is not offered, because no row may be seen',
    instead: 'select aggregates, such as COUNT(*) or AVG(column)',
  },
  'ResTarget.indirection': { what: 'a part of a column is not offered', instead: 'name the column alone' },
  A_Indirection: { what: 'subscripts and fields are not offered', instead: 'name the column alone' },
  CaseExpr: {
    what: 'CASE is not offered',
    instead: 'put the condition into WHERE, and ask once for each case',
  },
  CoalesceExpr: {
    what: 'COALESCE is not offered',
    instead: 'use IS NULL or IS NOT NULL',
  },
  MinMaxExpr: { what: 'GREATEST and LEAST are not offered', instead: COMPARE },
  SubLink: { what: 'a subquery is not offered', instead: 'write the constants themselves' },
  RowExpr: { what: 'a row of several values is not offered', instead: 'compare the columns one by one' },
  A_ArrayExpr: { what: 'an array is not offered', instead: 'use IN with a list of constants' },
  ParamRef: { what: 'a parameter is not offered', instead: 'write the constant itself' },
  CollateClause: { what: 'COLLATE is not offered', instead: 'leave it out', words: ['COLLATE'] },
  SQLValueFunction: {
    what: 'a value that depends on the moment or the user is not offered',
    instead: "write the constant itself, such as DATE '2025-01-31'",
  },
  GroupingSet: {
    what: 'GROUPING SETS, CUBE and ROLLUP are not offered',
    instead: 'ask once for each grouping',
    words: ['GROUPING', 'CUBE', 'ROLLUP'],
  },
  GroupingFunc: { what: 'GROUPING is not offered', instead: 'leave it out' },
  'A_Const.bsval': { what: 'a bit string is not offered', instead: 'write a number, a text or TRUE/FALSE' },
  TypeCast: {
    what: 'a cast is not offered',
    instead: "compare with a constant of the column’s type; dates are DATE '2025-01-31'",
  },
  AEXPR_OP: { what: 'this operator is not offered', instead: `${COMPARE} by =, <>, <, <=, > or >=` },
  AEXPR_OP_ANY: {
    what: 'ANY is not offered',
    instead: 'use IN with a list of constants',
    words: ['ANY', 'SOME'],
  },
  AEXPR_OP_ALL: {
    what: 'ALL is not offered',
    instead: 'use NOT IN with a list of constants',
    words: ['ALL'],
  },
  AEXPR_NULLIF: { what: 'NULLIF is not offered', instead: COMPARE },
  AEXPR_LIKE: { what: 'LIKE is not offered', instead: 'use IN with a list of labels', words: ['LIKE'] },
  AEXPR_ILIKE: { what: 'ILIKE is not offered', instead: 'use IN with a list of labels', words: ['ILIKE'] },
  AEXPR_SIMILAR: {
    what: 'SIMILAR TO is not offered',
    instead: 'use IN with a list of labels',
    words: ['SIMILAR'],
  },
  AEXPR_BETWEEN_SYM: {
    what: 'BETWEEN SYMMETRIC is not offered',
    instead: 'write BETWEEN with the smaller bound first',
    words: ['SYMMETRIC'],
  },
  AEXPR_NOT_BETWEEN_SYM: {
    what: 'BETWEEN SYMMETRIC is not offered',
    instead: 'write NOT BETWEEN with the smaller bound first',
    words: ['SYMMETRIC'],
  },
};

/** For whatever has no entry of its own. */
export const UNKNOWN_CONSTRUCT: Refusal = {
  what: 'this construct is not offered',
  instead: 'a query is SELECT aggregates FROM one table WHERE comparisons GROUP BY columns',
};

export const ARITHMETIC: Refusal = {
  what: 'arithmetic is not offered',
  instead: 'use columns as they are, and compute the constants yourself',
};

export const NOT_A_SELECT: Refusal = {
  what: 'only SELECT is offered',
  instead: 'write SELECT COUNT(*) FROM table, for example',
};

export const SEVERAL_STATEMENTS: Refusal = {
  what: 'one query at a time',
  instead: 'send this statement by itself',
};
