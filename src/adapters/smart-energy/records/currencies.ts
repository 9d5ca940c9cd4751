/** Numbers of ISO 4217 by letters: the currencies in which energy is sold to households with such meters. */
export const CURRENCY_NUMBERS: Readonly<Record<string, number>> = {
  ...{ ARS: 32, AUD: 36, CAD: 124, CLP: 152, CNY: 156, COP: 170, CRC: 188, CZK: 203, DKK: 208, HKD: 344 },
  ...{ HUF: 348, ISK: 352, INR: 356, IDR: 360, ILS: 376, JPY: 392, KRW: 410, MYR: 458, MXN: 484, NZD: 554 },
  ...{ NOK: 578, PEN: 604, PHP: 608, SAR: 682, SGD: 702, ZAR: 710, SEK: 752, CHF: 756, THB: 764, AED: 784 },
  ...{ GBP: 826, USD: 840, UYU: 858, TWD: 901, RON: 946, TRY: 949, BGN: 975, EUR: 978, UAH: 980, PLN: 985 },
  ...{ BRL: 986 },
};
