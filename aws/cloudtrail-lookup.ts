import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import type { EventLookup, EventPage } from '../core/ports/event-lookup.ts';
import { endpointOf, requestHandlerOf, USER_AGENT, type WireSettings } from './client-options.ts';
import { toAwsFault } from './sdk-fault.ts';
import { TransientRetry } from './transient-retry.ts';

/** The most events that LookupEvents returns in one page. */
const PAGE_SIZE = 50;
const MAX_ATTEMPTS = 4;

/** Reads CloudTrail's event history in one Region. */
export class SdkEventLookup implements EventLookup {
  readonly #client: CloudTrailClient;

  constructor(
    readonly region: string,
    settings: WireSettings & { readonly credentials: AwsCredentialIdentityProvider },
  ) {
    this.#client = new CloudTrailClient({
      region,
      credentials: settings.credentials,
      customUserAgent: USER_AGENT,
      retryStrategy: new TransientRetry(MAX_ATTEMPTS),
      requestHandler: requestHandlerOf(settings),
      ...endpointOf(settings),
    });
  }

  async page({ eventSource, from, to, next }: Parameters<EventLookup['page']>[0]): Promise<EventPage> {
    try {
      const { Events, NextToken } = await this.#client.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'EventSource', AttributeValue: eventSource }],
          StartTime: new Date(from),
          EndTime: new Date(to),
          MaxResults: PAGE_SIZE,
          NextToken: next ?? undefined,
        }),
      );
      return {
        records: (Events ?? []).flatMap(({ CloudTrailEvent }) => CloudTrailEvent ?? []),
        next: NextToken ?? null,
      };
    } catch (error: unknown) {
      throw toAwsFault(error);
    }
  }
}
