import { type Command, InvalidArgumentError } from 'commander';
import type { ClientCredentials, ClientsService } from '../clients/clients.service.js';
import { isoTime } from '../common/iso-time.js';
import { cell, printLine, printNote, printSecret, printTable } from './output.js';
import { withService } from './with-service.js';

interface JsonOption {
  json?: boolean;
}

const HOUR_MS = 3_600_000;

const LONGEST_OVERLAP = 720;

export function addClientCommands(program: Command): void {
  const client = program.command('client').description('The clients that may call the service');
  client
    .command('create <id>')
    .description('Register a client, and print its secret, which is shown only once')
    .option('--json', 'as a JSON object')
    .action(create);
  client
    .command('list')
    .description('List all clients')
    .option('--json', 'as a JSON array')
    .action(list);
  client
    .command('rotate <id>')
    .description('Give a client a new secret, and print it, which is shown only once')
    .option('--json', 'as a JSON object')
    .option('--old-for <hours>', 'how long the old secret stays valid', parseHours, 24)
    .action(rotate);
  client.command('delete <id>').description('Delete a client permanently').action(remove);
}

async function create(id: string, options: JsonOption): Promise<void> {
  printCredentials(await withClients((clients) => clients.create(id)), options);
}

async function list({ json = false }: JsonOption): Promise<void> {
  const clients = await withClients((service) => service.list());
  const rows = clients.map(({ id, createdAt }) => ({
    client_id: id,
    created_at: isoTime(createdAt),
  }));
  if (json) printLine(JSON.stringify(rows, null, 2));
  else {
    const lines = rows.map(({ client_id, created_at }) => [cell(client_id), created_at]);
    printTable([['client_id', 'created_at'], ...lines]);
  }
}

async function rotate(id: string, { oldFor, ...options }: JsonOption & { oldFor: number }) {
  const rotated = await withClients((clients) => clients.rotate(id, oldFor * HOUR_MS));
  printCredentials(rotated, options);
  const end = rotated.previousExpiresAt;
  const fate = end === null ? 'no longer' : `until ${isoTime(end)}`;
  printNote(`The old secret works ${fate}`);
}

async function remove(id: string): Promise<void> {
  await withClients((clients) => clients.delete(id));
  printLine(`Deleted the client ${cell(id)}`);
}

function printCredentials({ id, secret }: ClientCredentials, { json = false }: JsonOption): void {
  const line = json
    ? JSON.stringify({ client_id: id, client_secret: secret }, null, 2)
    : `client_id=${id} client_secret=${secret}`;
  printSecret(line, 'client rotate');
}

function parseHours(text: string): number {
  const hours = Number(text);
  if (/^\d{1,3}$/.test(text) && hours <= LONGEST_OVERLAP) return hours;
  throw new InvalidArgumentError(`Give whole hours from 0 to ${LONGEST_OVERLAP}.`);
}

async function withClients<T>(work: (clients: ClientsService) => Promise<T>): Promise<T> {
  return withService(
    async () => (await import('../clients/clients.service.js')).ClientsService,
    work,
  );
}
