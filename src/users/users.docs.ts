import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiUnavailable } from '../database/database.docs.js';
import { ApiBearerRefusals, ApiRefusals } from '../http/common-refusals.docs.js';
import { ProfileResponse } from './dto/profile.js';

const profile = {
  username: 'alex',
  email: 'alex@example.com',
  full_name: 'Alex Kasai',
  disabled: false,
};

/** How the docs page shows `GET /users/me`. */
export function ApiReadProfile() {
  return applyDecorators(
    ApiOperation({
      operationId: 'readProfile',
      summary: 'Read your own profile',
      description: 'Read live from the database for the user whom the access token names.',
    }),
    ApiOkResponse({
      type: ProfileResponse,
      description: 'The profile',
      example: { 'user data': profile },
    }),
    ApiBearerRefusals(),
    ApiUnavailable(),
    ApiRefusals('GET', 'HEAD', 'PATCH', 'DELETE'),
  );
}
