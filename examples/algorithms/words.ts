/** Sentences of a text: split after `.`, `!`, `?` before a capital, a digit or a quote, and at empty lines. */
export function splitSentences(text: string): string[] {
  return text
    .split(/\n\s*\n|(?<=[.!?]["”»)]?)\s+(?=["“«¿¡(]?[\p{Lu}\d])/u)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter((sentence) => /\p{L}/u.test(sentence));
}

/** Lower-case words of at least one letter; digits inside a word stay. */
export function splitWords(text: string): string[] {
  return text.toLowerCase().match(/\p{L}[\p{L}\p{N}'’-]*/gu) ?? [];
}

/** Words that carry no topic: English, German, Spanish and French function words. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above after again all also am an and any are as at be because been before being below between both but by can
  could did do does doing down during each few for from further had has have having he her here hers him his how i if in
  into is it its just me more most my no nor not now of off on once only or other our out over own same she should so
  some such than that the their them then there these they this those through to too under until up us very was we were
  what when where which while who whom why will with would you your
  aber als am an auch auf aus bei bis da das dass dem den der des die dies durch ein eine einem einen einer eines er es
  für gegen hat hatte ich ihr im in ist kann kein keine mit nach nicht noch nur ob oder ohne seit sich sie sind so um und
  uns unter vom von vor war waren wenn werden wie wir wird wurde wurden zu zum zur über
  al con como cuando de del desde donde el ella en entre era es esta este esto fue ha han hasta hay la las le lo los más
  ni o para pero por porque que se sin sobre su sus también un una y ya
  au aux avec ce ces cette dans de des du elle est et il ils je la le les leur mais ne nous on ou par pas pour qu que qui
  sa se ses son sur un une vous`.split(/\s+/),
);
