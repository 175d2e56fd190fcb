import { Injectable } from '@nestjs/common';
import { MailSettings } from '../config/settings.js';

/** Makes the links of messages, from `APP_URL` alone: the Host of a request is whatever the client says. */
@Injectable()
export class MailLinks {
  constructor(private readonly settings: MailSettings) {}

  /** The page for an action that needs no token. */
  pageFor(action: string): string {
    return this.write({ action });
  }

  /** In the fragment, which a browser keeps to itself: the token is in no server's log and in no Referer. */
  linkTo(action: string, token: string): string {
    return this.write({ action, token });
  }

  private write(fields: Record<string, string>): string {
    return `${this.settings.appUrl}#${new URLSearchParams(fields).toString()}`;
  }
}
