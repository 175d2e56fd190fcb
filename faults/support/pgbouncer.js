import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { connect } from 'node:net';
import { NotRun } from './not-run.js';
import { freePort } from '../../scripts/free-port.js';
import { end, startProgram, until } from './processes.js';

/**
 * Starts PgBouncer in transaction mode in front of the server: each transaction may get another of few connections.
 * @param ignored start-up parameters that it does not refuse
 * @returns its port
 */
export async function startPgBouncer(experiment, postgres, ignored) {
  const program = ['pgbouncer', '/usr/sbin/pgbouncer'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
  if (!program) throw new NotRun('pgbouncer (on Debian: apt-get install pgbouncer)');
  const folder = experiment.folder();
  // It refuses to run as root.
  chmodSync(folder, 0o711);
  const port = await freePort();
  const { username, password } = new URL(postgres.url());
  writeFileSync(join(folder, 'users.txt'), `"${username}" "${password}"\n`);
  const config = join(folder, 'pgbouncer.ini');
  const log = join(folder, 'pgbouncer.log');
  writeFileSync(log, '');
  chmodSync(log, 0o666);
  writeFileSync(
    config,
    `[databases]
* = host=127.0.0.1 port=${postgres.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${folder}/users.txt
logfile = ${log}
pool_mode = transaction
default_pool_size = 4
ignore_startup_parameters = ${ignored.join(',')}
`,
  );
  const user = userInfo().uid === 0 ? ['-u', 'nobody'] : [];
  const child = startProgram(program, [...user, config]);
  experiment.keepLog(log);
  experiment.atEnd(() => end(child, 'SIGKILL'));
  await until(() => accepts(port), 10_000);
  return port;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}
