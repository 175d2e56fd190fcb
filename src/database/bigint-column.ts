import { Column, type ColumnOptions } from 'typeorm';

/** PostgreSQL's driver returns a bigint as a string. */
const numberTransformer = {
  from: (value: string | number | null): number | null => (value === null ? null : Number(value)),
  to: (value: unknown): unknown => value,
};

/** A whole number that may grow past 32 bits, such as a time in milliseconds since the Unix epoch. */
export const BigintColumn = (options: Pick<ColumnOptions, 'default' | 'name' | 'nullable'> = {}) =>
  Column('bigint', { ...options, transformer: numberTransformer });
