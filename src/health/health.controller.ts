import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { ApiProblem } from '../http/api-errors.js';
import { ApiRefusals } from '../http/api-refusals.js';
import { Public } from '../http/public.decorator.js';
import { Database } from '../database/database.js';

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
  ) {}

  @Get('live')
  @ApiOperation({ operationId: 'checkLiveness', summary: 'Is the process alive?', security: [] })
  @ApiOkResponse({ description: 'It is', example: { status: 'ok' } })
  @ApiRefusals('GET', 'HEAD')
  live() {
    return { status: 'ok' };
  }

  /** Terminus itself refuses from the moment the shutdown begins. */
  @Get('ready')
  @ApiOperation({ operationId: 'checkReadiness', summary: 'Can it serve now?', security: [] })
  @ApiOkResponse({ description: 'It can', example: { status: 'ok' } })
  @ApiRefusals('GET', 'HEAD')
  @ApiProblem(503, {
    description: 'The database does not answer, or the service is shutting down',
    headers: { 'Retry-After': 'Seconds' },
    examples: [
      ['temporarily_unavailable', 'The database does not answer; try again'],
      ['temporarily_unavailable', 'The service is not ready'],
    ],
  })
  async ready() {
    const { status } = await this.health.check([
      async () => {
        await this.database.ping();
        return this.indicators.check('database').up();
      },
    ]);
    return { status };
  }
}
