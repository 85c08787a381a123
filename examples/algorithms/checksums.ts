/** Luhn checksum of a card number (ISO/IEC 7812-1 annex B); anything but digits is ignored. */
export function passesLuhn(number: string): boolean {
  const digits = number.replace(/\D/g, '');
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = index % 2 === 1 ? Number(digit) * 2 : Number(digit);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return digits.length > 0 && sum % 10 === 0;
}

/** Check digits of an IBAN: the rearranged number is 1 modulo 97 (ISO 13616, ISO 7064). */
export function passesIban(iban: string): boolean {
  const text = iban.replace(/\s/g, '').toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  const rearranged = text.slice(4) + text.slice(0, 4);
  const remainder = Array.from(rearranged).reduce((rest, character) => {
    const value = Number.parseInt(character, 36);
    return (rest * (value > 9 ? 100 : 10) + value) % 97;
  }, 0);
  return remainder === 1;
}
