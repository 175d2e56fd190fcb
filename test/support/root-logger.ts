const { __resetOutOfContextForTests } = (await import(
  new URL('PinoLogger.js', import.meta.resolve('nestjs-pino')).href
)) as { __resetOutOfContextForTests: () => void };

/** nestjs-pino keeps the first logger of a process for all later apps: after this, the next one counts as the first. */
export const forgetRootLogger = __resetOutOfContextForTests;
