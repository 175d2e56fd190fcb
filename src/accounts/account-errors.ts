import { InvalidFields } from '../http/invalid-fields.js';
import { Problem } from '../http/problem.js';

export class RegistrationClosed extends Problem {
  constructor() {
    const detail = 'Sign-up is closed; ask for an account';
    super({ status: 403, code: 'registration_closed', detail });
  }
}

/** One answer for an invitation that is missing, never was, was used, or is too old. */
export class InvitationRequired extends Problem {
  constructor() {
    super({
      status: 403,
      code: 'invitation_required',
      detail: 'Signing up needs an invitation that has not been used',
      errors: [{ field: 'invitation', message: 'is invalid' }],
    });
  }
}

export class UsernameReserved extends InvalidFields {
  constructor() {
    super([{ field: 'username', message: 'is reserved' }]);
  }
}
