/** Is it a loopback address, on which nobody can eavesdrop? */
export function isLoopbackUrl(url: string): boolean {
  return /^((.+\.)?localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(new URL(url).hostname);
}
