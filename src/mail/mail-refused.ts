/** Codes of 500 and more that say something about the connection, not the message (RFC 5321 §4.2.3, RFC 4954 §6). */
const ABOUT_THE_CONNECTION = [503, 530];

/** Additional members of nodemailer's errors. */
export interface SmtpFailure {
  code?: unknown;
  command?: unknown;
  responseCode?: unknown;
}

/** The message will never be accepted: a retry would only harm the sender's reputation. */
export class MailRefused extends Error {
  constructor(override readonly cause: unknown) {
    super('refused for good');
    this.name = 'MailRefused';
  }

  /** Did the server permanently refuse this recipient or message, and not the connection, the login or the sender? */
  static isPermanent(error: unknown): boolean {
    const { code, command, responseCode } = (error ?? {}) as SmtpFailure;
    if (code === 'EENVELOPE' && command === 'API') return true;
    if (command !== 'RCPT TO' && command !== 'DATA') return false;
    return (
      typeof responseCode === 'number' &&
      responseCode >= 500 &&
      !ABOUT_THE_CONNECTION.includes(responseCode)
    );
  }
}
