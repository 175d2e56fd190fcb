import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { ApiProblem, RETRY_AFTER } from '../http/error-answers.docs.js';
import { ApiRefusals } from '../http/common-refusals.docs.js';
import { Public } from '../http/public.decorator.js';
import { NotReady } from '../http/request-errors.js';
import { DatabaseUnavailable } from '../database/database-errors.js';
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
  @ApiProblem({
    description: 'The database does not answer, or the service is shutting down',
    headers: RETRY_AFTER,
    examples: [new DatabaseUnavailable(), new NotReady()],
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
