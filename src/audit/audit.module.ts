import { type DynamicModule, Global, Module } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { AuditSettings } from '../config/settings.js';
import { ExpiringRows } from '../database/expiring-rows.js';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditReader } from './audit-reader.service.js';
import { AuditTrail } from './audit-trail.js';
import { ProcessActor } from './process-actor.js';
import { Recorder } from './recorder.js';
import { SecurityLog } from './security-log.js';

/** Who did what. Every module that changes something records it here. */
@Global()
@Module({})
export class AuditModule {
  constructor(
    expiring: ExpiringRows,
    @InjectRepository(AuditEntry) rows: Repository<AuditEntry>,
    { kept }: AuditSettings,
  ) {
    expiring.register({ rows, key: 'id', time: 'time', kept });
  }

  /** @param actor of changes that no request asks for */
  static forRoot(actor: ProcessActor): DynamicModule {
    return {
      module: AuditModule,
      imports: [TypeOrmModule.forFeature([AuditEntry])],
      providers: [
        AuditTrail,
        SecurityLog,
        Recorder,
        AuditReader,
        { provide: ProcessActor, useValue: actor },
      ],
      exports: [Recorder, AuditReader],
    };
  }
}
