/**
 * ISO 639-1: two-letter code, three-letter codes of ISO 639-2, and English names in lower case, one
 * language a line.
 *
 * @see https://www.loc.gov/standards/iso639-2/php/code_list.php
 */
const LANGUAGES = `
aa aar afar
ab abk abkhazian
ae ave avestan
af afr afrikaans
ak aka akan
am amh amharic
an arg aragonese
ar ara arabic
as asm assamese
av ava avaric
ay aym aymara
az aze azerbaijani
ba bak bashkir
be bel belarusian
bg bul bulgarian
bh bih bihari languages
bi bis bislama
bm bam bambara
bn ben bengali
bo bod/tib tibetan
br bre breton
bs bos bosnian
ca cat catalan|valencian
ce che chechen
ch cha chamorro
co cos corsican
cr cre cree
cs ces/cze czech
cu chu church slavic|old slavonic|church slavonic|old bulgarian|old church slavonic
cv chv chuvash
cy cym/wel welsh
da dan danish
de deu/ger german
dv div divehi|dhivehi|maldivian
dz dzo dzongkha
ee ewe ewe
el ell/gre greek modern|greek
en eng english
eo epo esperanto
es spa spanish|castilian
et est estonian
eu eus/baq basque
fa fas/per persian|farsi
ff ful fulah
fi fin finnish
fj fij fijian
fo fao faroese
fr fra/fre french
fy fry western frisian
ga gle irish
gd gla gaelic|scottish gaelic
gl glg galician
gn grn guarani
gu guj gujarati
gv glv manx
ha hau hausa
he heb hebrew
hi hin hindi
ho hmo hiri motu
hr hrv croatian
ht hat haitian|haitian creole
hu hun hungarian
hy hye/arm armenian
hz her herero
ia ina interlingua
id ind indonesian
ie ile interlingue|occidental
ig ibo igbo
ii iii sichuan yi|nuosu
ik ipk inupiaq
io ido ido
is isl/ice icelandic
it ita italian
iu iku inuktitut
ja jpn japanese
jv jav javanese
ka kat/geo georgian
kg kon kongo
ki kik kikuyu|gikuyu
kj kua kuanyama|kwanyama
kk kaz kazakh
kl kal kalaallisut|greenlandic
km khm central khmer|khmer
kn kan kannada
ko kor korean
kr kau kanuri
ks kas kashmiri
ku kur kurdish
kv kom komi
kw cor cornish
ky kir kirghiz|kyrgyz
la lat latin
lb ltz luxembourgish|letzeburgesch
lg lug ganda
li lim limburgan|limburger|limburgish
ln lin lingala
lo lao lao
lt lit lithuanian
lu lub luba katanga
lv lav latvian
mg mlg malagasy
mh mah marshallese
mi mri/mao maori
mk mkd/mac macedonian
ml mal malayalam
mn mon mongolian
mr mar marathi
ms msa/may malay
mt mlt maltese
my mya/bur burmese
na nau nauru
nb nob bokmal norwegian|norwegian bokmal
nd nde ndebele north|north ndebele
ne nep nepali
ng ndo ndonga
nl nld/dut dutch|flemish
nn nno norwegian nynorsk|nynorsk norwegian
no nor norwegian
nr nbl ndebele south|south ndebele
nv nav navajo|navaho
ny nya chichewa|chewa|nyanja
oc oci occitan|provencal
oj oji ojibwa
om orm oromo
or ori oriya
os oss ossetian|ossetic
pa pan panjabi|punjabi
pi pli pali
pl pol polish
ps pus pushto|pashto
pt por portuguese
qu que quechua
rm roh romansh
rn run rundi
ro ron/rum romanian|moldavian|moldovan
ru rus russian
rw kin kinyarwanda
sa san sanskrit
sc srd sardinian
sd snd sindhi
se sme northern sami
sg sag sango
si sin sinhala|sinhalese
sk slk/slo slovak
sl slv slovenian
sm smo samoan
sn sna shona
so som somali
sq sqi/alb albanian
sr srp serbian
ss ssw swati
st sot sotho southern
su sun sundanese
sv swe swedish
sw swa swahili
ta tam tamil
te tel telugu
tg tgk tajik
th tha thai
ti tir tigrinya
tk tuk turkmen
tl tgl tagalog|filipino
tn tsn tswana
to ton tonga
tr tur turkish
ts tso tsonga
tt tat tatar
tw twi twi
ty tah tahitian
ug uig uighur|uyghur
uk ukr ukrainian
ur urd urdu
uz uzb uzbek
ve ven venda
vi vie vietnamese
vo vol volapuk
wa wln walloon
wo wol wolof
xh xho xhosa
yi yid yiddish
yo yor yoruba
za zha zhuang|chuang
zh zho/chi chinese|mandarin
zu zul zulu
`

let index: ReadonlyMap<string, string> | undefined

/**
 * Codes that were withdrawn, which devices still send: Hebrew, Indonesian and Yiddish in Java and
 * old Android.
 */
const FORMER: ReadonlyMap<string, string> = new Map([
  ['iw', 'he'],
  ['in', 'id'],
  ['ji', 'yi'],
])

/**
 * The ISO 639-1 code of a language, or null when the text names none.
 *
 * Shape: a code, also a former one, a locale or an English name in any case in (`EN`, `en-US`,
 * `eng`, `English`), `en` out.
 */
export function languageCode(text: string): string | null {
  index ??= buildIndex()
  const folded = text.trim().toLowerCase()
  const byName = index.get(folded)
  if (byName !== undefined) return byName
  const [, language = ''] = /^([a-z]{2,3})(?:[-_][a-z0-9]{2,8})+$/u.exec(folded) ?? []
  return index.get(language) ?? null
}

function buildIndex(): ReadonlyMap<string, string> {
  const codes = new Map<string, string>()
  for (const line of LANGUAGES.trim().split('\n')) {
    const [code = '', longer = '', ...rest] = line.split(' ')
    const names = rest.join(' ')
    codes.set(code, code)
    for (const text of [...longer.split('/'), ...names.split('|')]) codes.set(text, code)
  }
  for (const [former, code] of FORMER) codes.set(former, code)
  return codes
}
