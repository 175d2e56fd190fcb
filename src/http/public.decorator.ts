import { SetMetadata } from '@nestjs/common';

export const IS_PUBLIC = 'latchkey:public';

/** Everything needs an access token, unless it says `@Public()`. */
export const Public = () => SetMetadata(IS_PUBLIC, true);
