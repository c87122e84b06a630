import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { requestHandlerOf, USER_AGENT } from '../../aws/client-options.ts';
import { SecurityHubImporter } from '../../aws/security-hub.ts';
import type { Services } from '../../core/ports/services.ts';
import { cloudServices } from './cloud-services.ts';

let services: Services | null = null;

/** The services of ImportFindings. They have their own module, so that only its bundle has the client of Security Hub. */
export function importingServices(): Services {
  services ??= {
    ...cloudServices(),
    findingImporter: new SecurityHubImporter(
      new SecurityHubClient({ requestHandler: requestHandlerOf({}), customUserAgent: USER_AGENT }),
    ),
  };
  return services;
}
