/** The part of the standard library that is best said in jq. Compiled when a program first names it. */
export const PRELUDE: Readonly<Record<string, string>> = {
  'error/1': 'def error(message): message | error;',
  'map/1': 'def map(f): [.[] | f];',
  'map_values/1': 'def map_values(f): .[] |= f;',
  'select/1': 'def select(f): if f then . else empty end;',
  'values/0': 'def values: select(. != null);',
  'nulls/0': 'def nulls: select(. == null);',
  'booleans/0': 'def booleans: select(type == "boolean");',
  'numbers/0': 'def numbers: select(type == "number");',
  'strings/0': 'def strings: select(type == "string");',
  'arrays/0': 'def arrays: select(type == "array");',
  'objects/0': 'def objects: select(type == "object");',
  'iterables/0': 'def iterables: select(type == "array" or type == "object");',
  'scalars/0': 'def scalars: select(type != "array" and type != "object");',
  'finites/0': 'def finites: select(isfinite);',
  'normals/0': 'def normals: select(isnormal);',
  'recurse/0': 'def recurse: recurse(.[]?);',
  'recurse/1': 'def recurse(f): def r: ., (f | r); r;',
  'recurse/2': 'def recurse(f; condition): def r: ., (f | select(condition) | r); r;',
  'range/3': `def range($from; $upto; $by):
    if $by > 0 then $from | while(. < $upto; . + $by)
    elif $by < 0 then $from | while(. > $upto; . + $by)
    else empty end;`,
  'while/2': 'def while(condition; update): def w: if condition then ., (update | w) else empty end; w;',
  'until/2': 'def until(condition; update): def u: if condition then . else (update | u) end; u;',
  'repeat/1': 'def repeat(f): def r: f, r; r;',
  'first/1': 'def first(f): label $out | f | ., break $out;',
  'last/1': 'def last(f): reduce f as $item ([]; [$item]) | .[];',
  'nth/1': 'def nth($n): .[$n];',
  'nth/2': `def nth($n; f):
    if $n < 0 then error("nth doesn't support negative indices") else first(skip($n; f)) end;`,
  'limit/2': `def limit($n; f):
    if $n > 0 then label $out | foreach f as $item ($n; . - 1; $item, if . <= 0 then break $out else empty end)
    elif $n == 0 then empty
    else error("limit doesn't support negative count") end;`,
  'skip/2': `def skip($n; f):
    if $n > 0 then foreach f as $item ($n; . - 1; if . < 0 then $item else empty end)
    elif $n == 0 then f
    else error("skip doesn't support negative count") end;`,
  'isempty/1': 'def isempty(f): label $out | (f | false, break $out), true;',
  'any/0': 'def any: any(.);',
  'any/1': 'def any(f): any(.[]; f);',
  'any/2': 'def any(generator; condition): isempty(first(generator | condition | select(.))) | not;',
  'all/0': 'def all: all(.);',
  'all/1': 'def all(f): all(.[]; f);',
  'all/2': 'def all(generator; condition): isempty(first(generator | condition | select(. | not)));',
  'add/0': 'def add: add(.[]);',
  'add/1': 'def add(f): reduce f as $item (null; . + $item);',
  'del/1': 'def del(f): delpaths([path(f)]);',
  'paths/0': 'def paths: path(..) | select(length > 0);',
  'paths/1': 'def paths(f): path(.. | select(f)) | select(length > 0);',
  'pick/1': 'def pick(f): . as $input | reduce path(f) as $path (null; setpath($path; $input | getpath($path)));',
  'to_entries/0': 'def to_entries: [keys_unsorted[] as $key | {$key, value: .[$key]}];',
  'from_entries/0': `def from_entries: reduce .[] as $entry ({};
    . + ($entry | {(.key // .Key // .k // .name // .Name): (if has("value") then .value elif has("v") then .v else .Value end)}));`,
  'with_entries/1': 'def with_entries(f): to_entries | map(f) | from_entries;',
  'walk/1': `def walk(f):
    def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f;
    w;`,
  'sort_by/1': 'def sort_by(f): _sort_by(map([f]));',
  'group_by/1': 'def group_by(f): _group_by(map([f]));',
  'unique_by/1': 'def unique_by(f): [_group_by(map([f]))[] | .[0]];',
  'min_by/1': 'def min_by(f): _min_by(map([f]));',
  'max_by/1': 'def max_by(f): _max_by(map([f]));',
  'in/1': 'def in(container): . as $key | container | has($key);',
  'inside/1': 'def inside(container): . as $part | container | contains($part);',
  'index/1': 'def index($part): indices($part) | .[0];',
  'rindex/1': 'def rindex($part): indices($part) | .[-1:][0];',
  'transpose/0': 'def transpose: [range(0; map(length) | max // 0) as $column | [.[][$column]]];',
  'combinations/0': `def combinations:
    if length == 0 then [] else .[0][] as $first | (.[1:] | combinations) as $rest | [$first] + $rest end;`,
  'combinations/1': 'def combinations(n): . as $items | [range(n) | $items] | combinations;',
  'todate/0': 'def todate: strftime("%Y-%m-%dT%H:%M:%SZ");',
  'todateiso8601/0': 'def todateiso8601: todate;',
  'fromdate/0': 'def fromdate: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;',
  'fromdateiso8601/0': 'def fromdateiso8601: fromdate;',
  'date/0': 'def date: todate;',
  'dateadd/2': 'def dateadd(unit; $seconds): . + $seconds;',
  'datesub/2': 'def datesub(unit; $seconds): . - $seconds;',
  'match/1': 'def match($pattern): _match($pattern; null; false) | .[];',
  'match/2': 'def match($pattern; $flags): _match($pattern; $flags; false) | .[];',
  'test/1': 'def test($pattern): _match($pattern; null; true);',
  'test/2': 'def test($pattern; $flags): _match($pattern; $flags; true);',
  'capture/1': 'def capture($pattern): match($pattern) | _captures;',
  'capture/2': 'def capture($pattern; $flags): match($pattern; $flags) | _captures;',
  'scan/1': 'def scan($pattern): scan($pattern; null);',
  'scan/2': `def scan($pattern; $flags):
    match($pattern; "g" + $flags) | if (.captures | length) > 0 then [.captures[].string] else .string end;`,
  'split/2': `def split($pattern; $flags): . as $text
    | [0, (match($pattern; "g" + $flags) | .offset, .offset + .length), length] as $cuts
    | [range(0; $cuts | length; 2) as $at | $text[$cuts[$at]:$cuts[$at + 1]]];`,
  'splits/1': 'def splits($pattern): split($pattern; null)[];',
  'splits/2': 'def splits($pattern; $flags): split($pattern; $flags)[];',
  'sub/2': 'def sub($pattern; replacement): sub($pattern; replacement; "");',
  // Results of the replacement belong together by their position: the first ones make the first text.
  'sub/3': `def sub($pattern; replacement; $flags): . as $text
    | (reduce _match($pattern; $flags; false)[] as $match ({texts: [], end: 0};
        $text[.end:$match.offset] as $gap
        | [$match | _captures | replacement] as $new
        | reduce range($new | length) as $at (.; .texts[$at] += $gap + $new[$at])
        | .end = $match.offset + $match.length)
      | .texts[] + $text[.end:]) // $text;`,
  'gsub/2': 'def gsub($pattern; replacement): sub($pattern; replacement; "g");',
  'gsub/3': 'def gsub($pattern; replacement; $flags): sub($pattern; replacement; $flags + "g");',
  'tostream/0': `def tostream:
    path(def r: (.[]? | r), .; r) as $path | getpath($path)
    | reduce path(.[]?) as $inner ([$path, .]; [$path + $inner]);`,
  'fromstream/1': `def fromstream(events): {value: null, done: false} as $start
    | foreach events as $event ($start;
        if .done then $start else . end
        | if ($event | length) == 2
          then .done = ($event[0] | length == 0) | .value = (.value | setpath($event[0]; $event[1]))
          else .done = ($event[0] | length == 1) end;
        if .done then .value else empty end);`,
  'truncate_stream/1': `def truncate_stream(events): . as $depth | null
    | events | . as $event | if (.[0] | length) > $depth then setpath([0]; $event[0][$depth:]) else empty end;`,
  'ascii/0': 'def ascii: [.] | implode;',
};
