import { Injectable } from '@nestjs/common';
import { Recorder } from '../audit/recorder.js';
import { isoTime } from '../common/iso-time.js';
import { Database } from '../database/database.js';
import type { User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import type { ExportFormat } from './file-record.js';
import { MEMBERS } from './imported-user.js';

type Exported = Record<(typeof MEMBERS)[number], string | boolean | null>;

/** How many users are read at a time. */
const CHUNK = 100;

/** What was exported, besides the text. */
export interface ExportCount {
  users: number;
  /** Users without a name, as whom nobody can log in; some adopted databases have them. */
  nameless: number;
}

/** Exports all users in the form that an import accepts, with one page in memory at a time. */
@Injectable()
export class ExportService {
  constructor(
    private readonly users: UsersService,
    private readonly database: Database,
    private readonly recorder: Recorder,
  ) {}

  /** Pieces of the file, without sign-ups that have not confirmed their address. @param count is updated */
  async *export(format: ExportFormat, count: ExportCount): AsyncGenerator<string> {
    // Before the first hash leaves, whatever becomes of the rest.
    await this.database.group([this.recorder.recordingOwn('users_exported', {})]);
    let lines = format === 'csv' ? [csvLine([...MEMBERS])] : [];
    for await (const user of this.users.list()) {
      if (user.username === null) count.nameless++;
      if (user.username === null || user.pendingUntil !== null) continue;
      count.users++;
      lines.push(lineOf(exported(user), format));
      if (lines.length < CHUNK) continue;
      yield lines.join('');
      lines = [];
    }
    yield lines.join('');
  }
}

/** A user's row in the members of a file. */
function exported(user: User): Exported {
  return {
    username: user.username,
    email: user.email,
    full_name: user.fullName,
    disabled: user.disabled ?? false,
    hashed_password: user.hashedPassword,
    scopes: user.scopes,
    email_verified: isoTime(user.emailVerifiedAt) ?? false,
    created_at: isoTime(user.createdAt),
  };
}

function lineOf(user: Exported, format: ExportFormat): string {
  if (format === 'ndjson') return `${JSON.stringify(user)}\n`;
  return csvLine(MEMBERS.map((name) => String(user[name] ?? '')));
}

/** RFC 4180. */
function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) =>
    /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return `${quoted.join(',')}\r\n`;
}
