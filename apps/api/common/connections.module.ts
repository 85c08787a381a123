import { type DynamicModule, Global, Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Client, Connection } from '@temporalio/client';
import { Database } from '../../../database/database.js';
import { RunNotifications } from '../../../database/notifications.js';
import { UnreadableCells } from '../../../database/unreadable-cells.js';
import { Vault } from '../../../database/vault.js';
import { Settings } from '../env.js';
import { Engine } from './engine.js';

/** The API's two servers. Neither must be up when the API starts. */
@Global()
@Module({})
export class ConnectionsModule implements OnApplicationShutdown {
  static forRoot(settings: Settings): DynamicModule {
    return {
      module: ConnectionsModule,
      providers: [
        { provide: Settings, useValue: settings },
        {
          provide: Database,
          useFactory: () => Database.open({ appUrl: settings.databaseUrl, dispatchUrl: settings.dispatchUrl }),
        },
        {
          provide: Vault,
          inject: [Database],
          useFactory: (database: Database) => new Vault(settings.masterKeys, warnings(database).tell),
        },
        { provide: RunNotifications, inject: [Database], useFactory: listen },
        { provide: Engine, useFactory: () => new Engine(connect(settings), settings.agentQueue) },
      ],
      exports: [Settings, Database, Vault, RunNotifications, Engine],
    };
  }

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunNotifications) private readonly notifications: RunNotifications,
    @Inject(Engine) private readonly engine: Engine,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled([this.notifications.close(), this.engine.close()]);
    await this.database.close();
  }
}

function warnings(database: Database): UnreadableCells {
  const logger = new Logger(Vault.name);
  return new UnreadableCells(database, (fields, message) => logger.warn(fields, message));
}

async function listen(database: Database): Promise<RunNotifications> {
  const notifications = new RunNotifications(database);
  await notifications.start();
  return notifications;
}

function connect({ temporal: { connection, namespace } }: Settings): Client {
  return new Client({ connection: Connection.lazy({ ...connection, connectTimeout: '5s' }), namespace });
}
