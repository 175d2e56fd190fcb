import { userInfo } from 'node:os';

/** The operating system's user who runs the command; by number, where they have no name. */
export function operator(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}
