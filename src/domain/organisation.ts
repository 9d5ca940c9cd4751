/** Who may ask: a utility, or a part of one, by the name that its messages carry. */
export interface Organisation {
  /** OrganisationIdentification of the contract, 1 to 40 characters without a space. */
  readonly identification: string;
  /** False: whatever it sends is refused with 104, and what of it waits ends so. */
  readonly enabled: boolean;
  /** Messages that it may send within a second; absent where the service's setting holds. */
  readonly messagesPerSecond?: number | undefined;
  /** Requests of it that may wait; absent where the service's setting holds. */
  readonly maxWaiting?: number | undefined;
  /** True: its messages must be signed (WS-Security), and its answers are. */
  readonly signed?: true | undefined;
  /** Users of it that may show a UsernameToken, each with a number that grows when its password changes. */
  readonly tokenUsers?: readonly { readonly user: string; readonly generation: number }[] | undefined;
}
