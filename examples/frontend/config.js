/** Where latchkey is. The page's own origin has to be in latchkey's CORS_ORIGINS. */
export const LATCHKEY = 'http://127.0.0.1:8000';
