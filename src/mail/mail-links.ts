import { Injectable } from '@nestjs/common';
import { MailSettings } from '../config/settings.js';

/** The links in messages. */
@Injectable()
export class MailLinks {
  constructor(private readonly settings: MailSettings) {}

  page(): string {
    return this.settings.appUrl;
  }

  to(action: string, token: string): string {
    return `${this.settings.appUrl}#action=${action}&token=${token}`;
  }
}
