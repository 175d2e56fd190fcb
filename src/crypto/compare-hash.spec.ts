import { pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { HashingQueue } from './hashing-queue.js';
import { PasswordHasher } from './password-hasher.js';

const hasher = new PasswordHasher(new HashingQueue(), { bcryptCost: 5 });

/** One whose refusals take long enough to be timed. */
const slowHasher = new PasswordHasher(new HashingQueue(), { bcryptCost: 10 });

const PASSWORD = 'correct horse';

/** Of `PASSWORD`, made by passlib 1.7.4, Django 5.2, argon2-cffi 25.1 and Python's hashlib. */
const FOREIGN = {
  'passlib pbkdf2-sha256':
    '$pbkdf2-sha256$1000$wZhzzjlnzJmz1pqz9r63lg$7dmC2wTD56KQSnHIj9WyeaEg3jWRJGgPW3BcjX4zkUw',
  'passlib pbkdf2-sha512':
    '$pbkdf2-sha512$1000$FAIgBOD8P0eo9R5jLEWoNQ$9XrNkUISA/128UH8X4vTZRVX3N3l1uAkGLh3myxXLxb5tTP2LTqs1/F/wcA.hLHJsLfmI1y9lYpgWgyHsPFbdA',
  'passlib pbkdf2': '$pbkdf2$1000$n/Peuzcm5JzzHmNMKSWEUA$oyqRtlkoPXJaS7IcHB3mJegex/U',
  'passlib scrypt':
    '$scrypt$ln=10,r=8,p=1$tHYuBWDsXcv5X8s5ZwxBqA$/OG+HXfu7q8IIDUGRWOV2ur5ZIsMocATazVLD1dNi78',
  'PHC pbkdf2-sha256':
    '$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ',
  'PHC pbkdf2-sha512':
    '$pbkdf2-sha512$i=1000,l=64$AAECAwQFBgcICQoLDA0ODw$Xpx07WjVx4vCIvrmBRj8uOoVVtGqJqtUv2J5bhizSQs7osCteF7W4A61dZDqSIqQjO+dxO6p5FT/Uy7QRBXSXA',
  'PHC pbkdf2-sha1': '$pbkdf2-sha1$i=1000$AAECAwQFBgcICQoLDA0ODw$ndhWw3a4srcTtr4HQFTLiKRlVuA',
  argon2i:
    '$argon2i$v=19$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$yFVZqnmiQY9OAOFthoXY/3m5pzPNOegQ4KErJhKxDxo',
  argon2id:
    '$argon2id$v=19$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$HAB2pHKfsG5Ndk3yrTxVcf4fxxXhrmkEu54o2rE5R08',
  'argon2id with its parameters in another order':
    '$argon2id$v=19$m=256,p=2,t=2$AAECAwQFBgcICQoLDA0ODw$HAB2pHKfsG5Ndk3yrTxVcf4fxxXhrmkEu54o2rE5R08',
  'argon2i of version 1.0':
    '$argon2i$v=16$m=256,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$YzHuQ4nvDzcoKnWXTdwsXOETMNlw3JkAbhn2/xkqNh4',
  'argon2i from before versions were written':
    '$argon2i$m=256,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$YzHuQ4nvDzcoKnWXTdwsXOETMNlw3JkAbhn2/xkqNh4',
  'Django pbkdf2_sha256':
    'pbkdf2_sha256$1000$seasalt2026$aadszbcQBA1EsHuCJhPr5dz4amh65H3QeVf9wHnwZYU=',
  'Django pbkdf2_sha1': 'pbkdf2_sha1$1000$seasalt2026$2CkgcOsleRB+aJdsi1WzkrYvpsI=',
  'Django argon2':
    'argon2$argon2id$v=19$m=256,t=2,p=2$c2Vhc2FsdDIwMjY$lORHbmng+I5lK8p4XiMVmmOSO+A3pSJ8JNT+vFk73GU',
  'Django bcrypt_sha256':
    'bcrypt_sha256$$2b$04$aOn1zcugRfuqYECwiAI8Puq9lEQhevukYqhiZcNrJzg.0mNEsettS',
  'Django bcrypt': 'bcrypt$$2b$04$JnTnDzIwQcppQfKelNQKSOmc88gt8b2REC1iy5IRWkwGYr3oGsNXy',
  'Django scrypt':
    'scrypt$1024$seasalt2026$8$5$JKDNBmga7i0aRXbC4jAKqEwvBma+i63vUFHgnUMtty8Zk9hG5U/BQdSTO50v/JmKDVcyctWJKIVn3Hp2NufoRg==',
};

/** From passlib's documents. */
const DOCUMENTED =
  '$scrypt$ln=8,r=8,p=1$WKs1xljLudd6z9kbY0wpJQ$yCR4iDZYDKv+iEJj6yHY0lv/epnfB6f/w1EbXrsJOuQ';

const LONG = 'táБℓə and some more of it, so that there are over seventy-two bytes in all';

/** By the same programs, of `LONG`. */
const OF_LONG = {
  argon2id:
    '$argon2id$v=19$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$dPOpOQMu1Xeww+9ZWcTVadnVt8nJH2xSR65yXB47KH4',
  'Django bcrypt_sha256':
    'bcrypt_sha256$$2b$04$DNkXjepcLSczhyN9upmPxeLHYXRBPbiK.xwoYTrEqxbd/7v3WuL4y',
  scrypt:
    '$scrypt$ln=10,r=8,p=1$3zuHcE5J6Z1TynmPsfaeEw$L9wLpiBUrgLUIKpYxelZ87OcO6NEeBOG6O+34KCeT9o',
  pbkdf2: '$pbkdf2-sha256$1000$LSUkhNC6V6oV4vy/d855Lw$UyDeFL0au61qppkr7kFeLQfHASN9TXZrQzXxnniPEr8',
};

const WITH_NUL = 'correct\0horse';

/** By the same programs, of `WITH_NUL`. */
const OF_NUL = {
  argon2id:
    '$argon2id$v=19$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$2hmxr6Odtgy5m+6M44dVtWF/qDReos9x3YDfBAVI5o0',
  pbkdf2:
    '$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$kjSgslYmhfygGYcBjQWGCVMPaTiEgjtRrOQa6nJmCdM',
  scrypt:
    '$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$0+WShw5XDuCBtq5hdTIlfkGYgBOycB+9hmuu9aR2K94',
  'Django bcrypt_sha256':
    'bcrypt_sha256$$2b$04$/m7razmWCKuxg59w.U9V4ePGDhtU7NqI6o9jNr91rGVlxjGjEr5Tq',
};

const MATCH = { matches: true, needsRehash: true };
const MISMATCH = { matches: false, reason: 'mismatch' };

describe('PasswordHasher and a hash from elsewhere', () => {
  it.each(Object.entries(FOREIGN))('verifies %s, and wants it replaced', async (_, stored) => {
    expect(await hasher.verify(PASSWORD, stored)).toEqual(MATCH);
    for (const other of [
      '',
      'correct hors',
      'correct horse ',
      'Correct horse',
      'correct horse\0',
    ]) {
      expect(await hasher.verify(other, stored)).toEqual(MISMATCH);
    }
  });

  it("verifies the example in passlib's documents", async () => {
    expect(await hasher.verify('password', DOCUMENTED)).toEqual(MATCH);
    expect(await hasher.verify('wrong', DOCUMENTED)).toEqual(MISMATCH);
  });

  it.each(Object.entries(OF_LONG))('reads every byte of a long password: %s', async (_, stored) => {
    expect(await hasher.verify(LONG, stored)).toEqual(MATCH);
    expect(await hasher.verify(LONG.slice(0, -1), stored)).toEqual(MISMATCH);
    expect(await hasher.verify(`${LONG}l`, stored)).toEqual(MISMATCH);
  });

  it.each(Object.entries(OF_NUL))('reads beyond a NUL: %s', async (_, stored) => {
    expect(await hasher.verify(WITH_NUL, stored)).toEqual(MATCH);
    expect(await hasher.verify('correct', stored)).toEqual(MISMATCH);
    expect(await hasher.verify('correct\0horsf', stored)).toEqual(MISMATCH);
  });

  it('matches no password of more than 1024 bytes', async () => {
    const long = 'x'.repeat(1025);
    const salt = Buffer.from('a salt of its own');
    const digest = pbkdf2Sync(long, salt, 1, 32, 'sha256').toString('base64');
    expect(await hasher.verify(long, `pbkdf2_sha256$1$${String(salt)}$${digest}`)).toEqual(
      MISMATCH,
    );
  });

  it('takes as long for a refusal as where nothing is stored, however cheap the hash', async () => {
    const cheap = Object.values(FOREIGN);
    const times = { none: [] as number[], foreign: [] as number[] };
    const time = async (stored: string | null) => {
      const begin = performance.now();
      expect(await slowHasher.verify('wrong', stored)).toMatchObject({ matches: false });
      return performance.now() - begin;
    };
    await time(null);
    for (let i = 0; i < 17; i++) {
      times.none.push(await time(null));
      times.foreign.push(await time(cheap[i % cheap.length]!));
    }
    const ratio = median(times.foreign) / median(times.none);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.5);
  });

  it('adds nothing to a hash that takes longer on its own', async () => {
    const slow = FOREIGN['Django pbkdf2_sha256'].replace('$1000$', '$600000$');
    const begin = performance.now();
    pbkdf2Sync('wrong', 'seasalt2026', 600_000, 32, 'sha256');
    const alone = performance.now() - begin;
    const between = performance.now();
    expect(await hasher.verify('wrong', slow)).toEqual(MISMATCH);
    expect(performance.now() - between).toBeLessThan(alone * 2);
  });
});

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
