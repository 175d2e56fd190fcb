import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Recorder } from '../audit/recorder.js';
import { ConfigError } from '../config/config-error.js';
import { SecretSettings } from '../config/settings.js';
import { PurposeKeys } from '../crypto/purpose-keys.js';
import { Sealing } from '../crypto/sealing.js';
import { Database, type Statement } from '../database/database.js';
import { type KeyPair, readKeyPair, writeKeyPair } from './key-pair.js';
import { StoredKey } from './stored-key.entity.js';

interface OpenedKey {
  pair: KeyPair;
  isUnderPrevious: boolean;
}

/** The table of key pairs, whose private halves only `SECRET_KEY` decrypts. */
@Injectable()
export class StoredKeys {
  private readonly sealing: Sealing;

  constructor(
    @InjectRepository(StoredKey) private readonly rows: Repository<StoredKey>,
    private readonly database: Database,
    private readonly recorder: Recorder,
    private readonly secrets: SecretSettings,
    purposeKeys: PurposeKeys,
  ) {
    this.sealing = new Sealing(purposeKeys.for('stored keys'));
  }

  all(): Promise<StoredKey[]> {
    return this.database.run(() => this.rows.find());
  }

  /** @returns undefined for a row that latchkey didn't write, or that was written under an unknown key */
  open({ kid, algorithm, sealedKey }: StoredKey): OpenedKey | undefined {
    const opened = this.sealing.open(sealedKey, kid);
    if (!opened) return undefined;
    const pair = readKeyPair(opened.text);
    // One key, one algorithm: the column must match what was sealed.
    if (pair.kid !== kid || pair.algorithm !== algorithm) return undefined;
    return { pair, isUnderPrevious: opened.isUnderPrevious };
  }

  /**
   * Opens every row, and seals again what was sealed under the previous secret.
   * @throws ConfigError naming the rows that don't open
   */
  async openAll(): Promise<StoredKey[]> {
    const rows = await this.all();
    const opened = rows.map((row) => ({ row, key: this.open(row) }));
    const problems = opened.flatMap(({ row, key }) => (key ? [] : [this.problemOf(row)]));
    if (problems.length > 0) throw new ConfigError(problems);
    for (const { row, key } of opened) if (key?.isUnderPrevious) await this.sealAnew(row, key.pair);
    return rows;
  }

  async insert(pair: KeyPair, createdAt: number, signsFrom: number): Promise<void> {
    await this.database.group(this.inserting(pair, createdAt, signsFrom));
  }

  /** A new row, and its audit entry, for a group of statements. */
  inserting(pair: KeyPair, createdAt: number, signsFrom: number): [Statement, Statement] {
    const { kid, algorithm } = pair;
    const sealedKey = this.sealing.seal(writeKeyPair(pair), kid);
    const row = { kid, algorithm, sealedKey, createdAt, signsFrom };
    return [
      this.rows.createQueryBuilder().insert().values(row),
      this.recorder.recordingOwn('key_created', { key: kid }),
    ];
  }

  async move(kid: string, signsFrom: number): Promise<void> {
    await this.database.group([this.moving(kid, signsFrom)]);
  }

  /** Another time to begin for a row, for a group of statements. */
  moving(kid: string, signsFrom: number): Statement {
    return this.rows.createQueryBuilder().update({ signsFrom }).where({ kid });
  }

  async delete(kid: string): Promise<void> {
    await this.database.group([this.deleting(kid)]);
  }

  /** The end of a row, for a group of statements. */
  deleting(kid: string): Statement {
    return this.rows.createQueryBuilder().delete().where({ kid });
  }

  /** Only in place of what was opened: of two instances at once, one does it. */
  private async sealAnew({ kid, sealedKey }: StoredKey, pair: KeyPair): Promise<void> {
    const renewed = this.sealing.seal(writeKeyPair(pair), kid);
    await this.database.run(() => this.rows.update({ kid, sealedKey }, { sealedKey: renewed }));
  }

  private problemOf({ kid }: StoredKey): string {
    const [variable, remedy] =
      this.secrets.previousSecretKey === null
        ? ['SECRET_KEY', 'put the previous one into SECRET_KEY_PREVIOUS']
        : ['SECRET_KEY_PREVIOUS', 'set it to the one under which the key was stored'];
    return (
      `${variable}: the stored key ${kid} can't be decrypted, so SECRET_KEY has changed: ${remedy}, ` +
      `or if that is lost revoke the key with: npm run -s cli -- key revoke ${kid}`
    );
  }
}
