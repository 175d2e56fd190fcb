// The refresh token, where all tabs find it. In IndexedDB, because it keeps an order: once `write` is done, every
// tab reads what was written. localStorage does not guarantee that: for a moment, another tab reads the old value,
// even if both take turns with a lock.

const NAME = 'refresh_token';

const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open('latchkey', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('tokens');
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** @returns {Promise<string | undefined>} */
export function read() {
  return run('readonly', (tokens) => tokens.get(NAME));
}

/** @param {string | undefined} token undefined: none any more */
export async function write(token) {
  await run('readwrite', (tokens) =>
    token === undefined ? tokens.delete(NAME) : tokens.put(token, NAME),
  );
}

async function run(mode, work) {
  const transaction = (await opened).transaction('tokens', mode);
  const request = work(transaction.objectStore('tokens'));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}
