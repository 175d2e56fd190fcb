import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import { TemporaryFolder } from './temporary-folder.js';

/** A copy of the frontend example, configured for a latchkey, with its server in a process of its own. */
export class Frontend {
  private constructor(
    readonly url: string,
    private readonly folder: TemporaryFolder,
    private readonly child: ChildProcess,
  ) {}

  static async serve(port: number, latchkey: string): Promise<Frontend> {
    const folder = new TemporaryFolder();
    cpSync('examples/frontend', folder.path, { recursive: true });
    writeFileSync(folder.join('config.js'), `export const LATCHKEY = '${latchkey}';\n`);
    const env = { PATH: process.env.PATH, PORT: String(port) };
    const child = spawn(process.execPath, [folder.join('serve.js')], { env });
    await once(child.stdout, 'data');
    return new Frontend(`http://localhost:${port}`, folder, child);
  }

  async close(): Promise<void> {
    this.child.kill();
    await once(this.child, 'exit');
    await this.folder.remove();
  }
}
