/** One page of events, newest first. */
export interface EventPage {
  /** Each is a CloudTrail record as JSON. */
  readonly records: readonly string[];
  readonly next: string | null;
}

/** CloudTrail's event history of one account in one Region: the last 90 days, without a trail. */
export interface EventLookup {
  readonly region: string;
  /**
   * At most 50 events. AWS allows 2 requests a second for each account and Region.
   * @param eventSource such as `iam.amazonaws.com`
   * @param from milliseconds since the epoch; `to` likewise
   * @throws AwsFault
   */
  page(request: {
    readonly eventSource: string;
    readonly from: number;
    readonly to: number;
    readonly next: string | null;
  }): Promise<EventPage>;
}
