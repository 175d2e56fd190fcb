import { envSchema, type Env } from './env.schema.js';
import { readEnvironment } from './config.module.js';

/** The configuration as it is, valid or not. */
export interface Inspected {
  /** What can be used of it. */
  env: Partial<Env>;
  /** What can't, by variable, with what is expected; never a value. */
  problems: string[];
}

/** Reads it without creating anything. */
export function inspectEnvironment(): Inspected {
  const raw = readEnvironment();
  const result = envSchema.safeParse(raw);
  if (result.success) return { env: result.data, problems: [] };
  const problems = new Set(
    result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
  );
  const usable = Object.entries(envSchema.shape).flatMap(([name, schema]) => {
    const parsed = schema.safeParse(raw[name]);
    if (parsed.success) return [[name, parsed.data]];
    for (const { message } of parsed.error.issues) problems.add(`${name}: ${message}`);
    return [];
  });
  return { env: Object.fromEntries(usable) as Partial<Env>, problems: [...problems] };
}
