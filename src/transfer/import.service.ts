import { Injectable } from '@nestjs/common';
import { checkFields } from '../http/check-fields.js';
import { Clock } from '../common/clock.js';
import { InvalidFields } from '../http/invalid-fields.js';
import { UniqueViolation } from '../database/database-errors.js';
import { ExistingUsers } from './existing-users.js';
import type { FileRecord } from './file-record.js';
import { FileNames } from './names-in-file.js';
import { ImportReport, type Remark } from './import-report.js';
import { type ImportedUser, importedUser, type UserRecord, userRecord } from './imported-user.js';
import type { LeftOut, Source } from './sources/source.js';
import type { UserFile } from './user-file.js';
import { UserRows } from './user-rows.js';

/** How many users are looked up, or written by one statement, at a time: some 10 ms of the write lock. */
const BATCH = 250;

/** How often a batch is retried because users signed up meanwhile. */
const ATTEMPTS = 5;

type Candidate = Remark & { user: ImportedUser };
type Entry = Candidate | (Remark & { problem: string }) | (Remark & { leftOut: string });

/** Imports the users of a file into the database: all of it is checked before anything is written. */
@Injectable()
export class ImportService {
  constructor(
    private readonly rows: UserRows,
    private readonly clock: Clock,
  ) {}

  /** Finds out what an import of the file would do. @param onRead called with the number of further bytes read */
  async check(file: UserFile, onRead: (bytes: number) => void): Promise<ImportReport> {
    const report = new ImportReport();
    const names = new FileNames();
    for await (const batch of this.batches(file, onRead, report)) {
      const fresh = batch.filter(({ line, name, user }) => {
        const problem = names.add(line, user);
        if (problem !== undefined) report.refuse({ line, name, problem });
        return problem === undefined;
      });
      report.added += (await this.sortOut(fresh, report)).length;
    }
    return report;
  }

  /**
   * Writes the users of a file that was checked. Whatever interrupts it, it can be started again: existing users
   * are left alone.
   * @returns the outcome; with a refusal, if file or database have changed since, and then it ends there
   */
  async write(file: UserFile, onRead: (bytes: number) => void): Promise<ImportReport> {
    const report = new ImportReport();
    for await (const batch of this.batches(file, onRead, report)) {
      if (report.refused === 0) await this.writeBatch(batch, report);
      if (report.refused > 0) break;
    }
    return report;
  }

  private async writeBatch(batch: readonly Candidate[], report: ImportReport): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { present } = report;
      // At first no user is expected to exist: the unique indexes report any that does.
      const fresh = attempt === 1 ? batch : await this.sortOut(batch, report);
      if (report.refused > 0 || fresh.length === 0) return;
      try {
        await this.rows.insert(fresh.map(({ user }) => user));
        report.added += fresh.length;
        return;
      } catch (error) {
        if (!(error instanceof UniqueViolation) || attempt === ATTEMPTS) throw error;
        report.present = present;
      }
    }
  }

  /** @returns those who do not exist yet; the others are counted */
  private async sortOut(
    batch: readonly Candidate[],
    report: ImportReport,
  ): Promise<readonly Candidate[]> {
    if (batch.length === 0) return [];
    const users = batch.map(({ user }) => user);
    const unfree = await this.rows.findUnfree(users);
    const existing = new ExistingUsers(await this.rows.findSimilar(users), unfree);
    return batch.filter(({ line, name, user }) => {
      const state = existing.stateOf(user);
      if (state === 'present') report.present++;
      else if (state) report.refuse({ line, name, ...state });
      return state === undefined;
    });
  }

  /** The users who can be imported, judged one by one; the others are noted in the report. */
  private async *batches(
    file: UserFile,
    onRead: (bytes: number) => void,
    report: ImportReport,
  ): AsyncGenerator<Candidate[]> {
    let batch: Candidate[] = [];
    for await (const record of file.records(onRead)) {
      const entry = this.entryOf(record, file.source);
      if ('problem' in entry) report.refuse(entry);
      else if ('leftOut' in entry) report.leaveOut(entry);
      else if (batch.push(entry) === BATCH) {
        yield batch;
        batch = [];
      }
    }
    yield batch;
  }

  private entryOf(record: FileRecord, source: Source): Entry {
    const { line } = record;
    if ('problem' in record) return { ...record, name: undefined };
    const now = this.clock.now();
    const fields = source.read(record.value, now);
    if (isLeftOut(fields)) return { line, name: nameOf(record.value), ...fields };
    const name = nameOf(fields);
    try {
      return { line, name, user: importedUser(checkFields(userRecord, fields), now) };
    } catch (error) {
      if (error instanceof InvalidFields) return { line, name, problem: error.detail };
      throw error;
    }
  }
}

function isLeftOut(fields: UserRecord | LeftOut): fields is LeftOut {
  return 'leftOut' in fields;
}

/** How a record is named besides its line. */
function nameOf({ username, email }: UserRecord): string | undefined {
  return [username, email].find((name) => typeof name === 'string');
}
