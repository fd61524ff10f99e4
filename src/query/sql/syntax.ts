/** The part of SQL that a query may use, as a tree of our own: what the readers accept and nothing else. */

/** A name as PostgreSQL folds it: lower case unless quoted. */
export interface Name {
  readonly text: string;
  readonly at: number;
}

/** A number is mantissa * 10^-digits, exactly. */
export type Constant =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly mantissa: bigint; readonly digits: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'date'; readonly day: bigint };

export type ComparisonSign = '=' | '<>' | '<' | '<=' | '>' | '>=';

export interface ColumnSyntax {
  readonly kind: 'column';
  readonly at: number;
  readonly qualifier: Name | undefined;
  readonly name: Name;
}
export interface ConstantSyntax {
  readonly kind: 'constant';
  readonly at: number;
  readonly value: Constant;
}
export interface CallSyntax {
  readonly kind: 'call';
  readonly at: number;
  readonly name: string;
  readonly star: boolean;
  readonly args: readonly Expression[];
}

/** Every expression carries `at`, its UTF-16 position in the text. */
export type Expression =
  | ColumnSyntax
  | ConstantSyntax
  | CallSyntax
  | {
      readonly kind: 'compare' | 'distinct';
      readonly at: number;
      /** For `distinct`: '<>' is IS DISTINCT FROM, '=' is IS NOT DISTINCT FROM. */
      readonly sign: ComparisonSign;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'between' | 'in';
      readonly at: number;
      readonly negated: boolean;
      readonly subject: Expression;
      /** Two bounds, or the list. */
      readonly items: readonly Expression[];
    }
  | { readonly kind: 'and' | 'or'; readonly at: number; readonly terms: readonly Expression[] }
  | { readonly kind: 'not'; readonly at: number; readonly term: Expression }
  | { readonly kind: 'is-null'; readonly at: number; readonly negated: boolean; readonly term: Expression }
  | {
      readonly kind: 'is-truth';
      readonly at: number;
      readonly truth: 'true' | 'false' | 'unknown';
      readonly negated: boolean;
      readonly term: Expression;
    };

export interface SelectItem {
  readonly expression: Expression;
  /** The expression exactly as written. */
  readonly source: string;
  readonly alias: Name | undefined;
}

export interface SelectSyntax {
  readonly table: Name;
  readonly alias: Name | undefined;
  readonly items: readonly SelectItem[];
  readonly where: Expression | undefined;
  readonly groupBy: readonly Expression[];
}
