/** Why an access token is refused; the reason is for the log. */
export class InvalidToken extends Error {
  constructor(readonly reason: string) {
    super(`Invalid token: ${reason}`);
  }
}

export class ExpiredToken extends InvalidToken {
  constructor(readonly username: string) {
    super('expired');
  }
}
