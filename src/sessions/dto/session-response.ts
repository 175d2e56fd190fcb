import { ApiProperty } from '@nestjs/swagger';
import { isoTime } from '../../common/iso-time.js';
import type { Session } from '../session.entity.js';

/** What a user may see of their own session. */
export class SessionResponse {
  @ApiProperty({ type: String, example: 'kT3fXo0Zp8cQ1vW6yRb2Nw' })
  id!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2030-01-01T00:00:00.000Z' })
  created_at!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    description: 'The login, or the last refresh',
    example: '2030-01-01T09:30:00.000Z',
  })
  last_used_at!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Mozilla/5.0 (X11; Linux x86_64)' })
  user_agent!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '203.0.113.7' })
  ip!: string | null;

  @ApiProperty({ type: Boolean, description: 'Is it the one that asks?', example: true })
  current!: boolean;

  static of(session: Session, currentId: string | undefined): SessionResponse {
    return {
      id: session.id,
      created_at: isoTime(session.createdAt),
      last_used_at: isoTime(session.lastUsedAt),
      user_agent: session.userAgent,
      ip: session.ip,
      current: session.id === currentId,
    };
  }
}
