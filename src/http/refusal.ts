/** An answer in HTTP's own words, without anything of the application that the request was for. */
export class HttpRefusal extends Error {
  readonly code = "HTTP_REFUSAL";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.name = "HttpRefusal";
    this.status = status;
    this.headers = headers;
  }
}

/** A body that came and cannot be used. The application says it in its own words. */
export class BodyRefusal extends Error {
  readonly code = "BODY_REFUSAL";
  constructor(text: string) {
    super(text);
    this.name = "BodyRefusal";
  }
}

/** The caller went away before its message was complete: there is nobody to answer. */
export class CallerGone extends Error {
  readonly code = "CALLER_GONE";
  constructor() {
    super("the connection closed before the message was complete");
    this.name = "CallerGone";
  }
}
