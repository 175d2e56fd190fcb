/** Is it an address of this machine alone, to which nobody listens in? */
export function isLoopbackUrl(url: string): boolean {
  return /^((.+\.)?localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(new URL(url).hostname);
}
