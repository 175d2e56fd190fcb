import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { COMPANIONS } from '../../database/sqlite-file.js';
import type { Check, Finding } from '../finding.js';
import { dataFolder, type Installation } from './installation.js';

const MEGABYTE = 1e6;

/** The numbers of NFS, SMB and CIFS in statfs (Linux's magic.h). */
const NETWORK_FILE_SYSTEMS = [0x6969, 0x517b, 0xff534d42, 0xfe534d42];

const areForTheirOwner: Check<Installation> = (installation) =>
  secretFiles(installation).flatMap((path) => {
    const open = statSync(path).mode & 0o077;
    if (open === 0) return [];
    const who = (open & 0o007) === 0 ? 'its group' : 'everyone on this machine';
    return [
      {
        id: 'file_open',
        severity: (open & 0o007) === 0 ? 'warning' : 'serious',
        what: `${path} is open to ${who}`,
        why: 'It contains the key, password hashes, or links that give access to accounts',
        do: `chmod ${statSync(path).isDirectory() ? '700' : '600'} ${path}`,
      },
    ];
  });

const areOurs: Check<Installation> = (installation) => {
  const uid = process.getuid?.();
  return secretFiles(installation).flatMap((path): Finding[] => {
    const owner = statSync(path).uid;
    if (uid === undefined || owner === uid) return [];
    return [
      {
        id: 'file_of_another',
        severity: 'warning',
        what: `${path} belongs to the user ${owner}, and the doctor runs as ${uid}`,
        why: 'The service may be unable to read what the command line creates here',
        do: 'Run the command line as the service’s user, or chown the file to it',
      },
    ];
  });
};

const isInASafeFolder: Check<Installation> = (installation) => {
  const folder = dataFolder(installation);
  if (!existsSync(folder)) return [folderFinding('serious', `There is no folder ${folder}`)];
  const { mode } = statSync(folder);
  if ((mode & 0o1002) === 0o002) {
    return [folderFinding('serious', `${folder} is writable by everyone on this machine`)];
  }
  try {
    accessSync(folder, constants.W_OK);
    return [];
  } catch {
    return [folderFinding('serious', `${folder} is not writable by this user`)];
  }
};

const hasRoom: Check<Installation> = (installation) => {
  const folder = dataFolder(installation);
  if (!existsSync(folder)) return [];
  const { bavail, bsize, blocks } = statfsSync(folder);
  const free = bavail * bsize;
  if (free > 500 * MEGABYTE || (free > 100 * MEGABYTE && bavail / blocks > 0.1)) return [];
  return [
    {
      id: 'disk_full',
      severity: free < 50 * MEGABYTE ? 'serious' : 'warning',
      what: `${Math.floor(free / MEGABYTE)} MB are free in ${folder}`,
      why: 'Without free space nothing can be written: logins are refused with 503',
      do: 'Free some space, or move the database to a larger disk',
    },
  ];
};

const isOnALocalDisk: Check<Installation> = (installation) => {
  const { databaseFile } = installation;
  const folder = dataFolder(installation);
  if (databaseFile === undefined || !existsSync(folder)) return [];
  if (!NETWORK_FILE_SYSTEMS.includes(statfsSync(folder).type >>> 0)) return [];
  return [
    {
      id: 'network_disk',
      severity: 'serious',
      what: `${folder} is on a network file system`,
      why: 'SQLite’s WAL needs shared memory, and the database gets corrupted there',
      do: 'Use a local disk, or PostgreSQL',
    },
  ];
};

/** Those that exist. */
function secretFiles({ databaseFile, folder, env, isProduction }: Installation): string[] {
  const database =
    databaseFile === undefined
      ? []
      : [databaseFile, ...COMPANIONS.map((ending) => databaseFile + ending)];
  const mails = isProduction || env.MAIL_DIR === undefined ? [] : [resolve(env.MAIL_DIR)];
  return [resolve(folder, '.env'), ...database, ...mails].filter((path) => existsSync(path));
}

function folderFinding(severity: Finding['severity'], what: string): Finding {
  return {
    id: 'folder_unsafe',
    severity,
    what,
    why: 'SQLite creates files next to the database, and anyone who can write there can replace it',
    do: 'Use a folder that belongs to the service’s user, with mode 0700',
  };
}

export const fileChecks: readonly Check<Installation>[] = [
  areForTheirOwner,
  areOurs,
  isInASafeFolder,
  hasRoom,
  isOnALocalDisk,
];
