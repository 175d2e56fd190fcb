import type { SOURCES } from '../file-record.js';
import { django } from './django.js';
import { keycloak } from './keycloak.js';
import { latchkey } from './latchkey.js';
import type { Source } from './source.js';
import { supabase } from './supabase.js';

export const sources: Readonly<Record<(typeof SOURCES)[number], Source>> = {
  latchkey,
  django,
  supabase,
  keycloak,
};
