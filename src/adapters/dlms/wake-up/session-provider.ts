/** Who runs the mobile network of a meter without a fixed address: knows where its SIM card is now, and sends it an SMS. */
export interface SessionProvider {
  /**
   * The IP address of the session that a SIM card has now; undefined when it has none.
   * @throws MetergateError INVALID_ICCID, SESSION_PROVIDER_ERROR
   */
  addressOf(iccId: string, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Sends the SMS that has the meter begin a session. Resolves when it is on its way.
   * @throws MetergateError as `addressOf`
   */
  wake(iccId: string, signal: AbortSignal): Promise<void>;
}
