"""Ordinary words: what a name may consist of without naming anybody.

Counted from prose about incidents (written in lower case there, at least three times) and added to by hand. One of
them alone is no name unless it is written like one; several in a row are a phrase, looked for as whole words.
"""

ORDINARY = frozenset(
    """
ab ability able abort aborts about above absence absent absolute abteilung abuse abused accelerate acceleration accent
accept acceptance acceptances accepted accepts access accessed accesses accessible accessing accordingly account
accounts accuracy accurate achieve acknowledge acknowledged across act action actionable actions activations active
actively activities activity actor actors actual actually ad add added adding addition additional address addressed
addresses adds admin administrator administrators admit admits admitted adopted adult adults adversarial adversaries
adversary advice advised advisor advisories advisory affect affected affecting affects aforementioned africa african
after afternoon afterwards ag again against agency agent agentic agents ago ah aimed airline airport aisle alarm
algorithm algorithms alias aligning aligns all allegedly allocate allocated allocating allocation allocations allow
allowed allowing allows almost alone along alpha alphabet already als also alter altering although always am amber
ambulance amend amended amends america american americans among amount an analysis analyst analysts analyzes and anew
annotation anonymous another answer answered answering answers any anyone anything apart apikey app appear appears
appended applicable applicant applicants application applications applied applies apply approach appropriate approval
approvals approve approved approves apps april arab arbitrary archive archived archives are area argentine argentinian
argument arguments arises army around array arrays arrest arrived artifact artifacts artist artists as ascending asia
asian aside ask asked asking asks aspects assembly assert asserted assertion assertions assess assessment asset
assignment assist assistant assistants associated association assume assumes assumptions at athlete athletes attack
attacked attacker attackers attacks attempt attempting attempts attestation attorney attribute attributes attribution
auch audience audiences audio audit audited auditor auditors auf august aus australia australian austria austrian auth
authenticated authentication author authorised authorities authority authorization authors automated automatic
automatically autonomous autonomy autumn availability available average avoid aware awareness away aws axis back
backdoor backed backend backing backup backups bad band bands bank banks base based bash basic batch batches be bear
became because become becomes been before beforehand began begin beginning beginnings begins begun behalf behaves
behavior behaviors behind bei being belgian believe believes belonging belongs below bench benchmark benefits berlin
beside best beta better between beyond bias biased biases big binary bind binding binds biography biology biosecurity
bits black blank block blocked blocks board bodies bodily body book bool boolean boosted border borough borrowed bot
both bottom bound boundaries boundary bounded bounds boxes boy boys brackets branch branches brazil brazilian breach
breadth bridge brief bring brings britain british broadcasting broken brother brown browser brussels bucket buffer
buffers bug build building builds built bulgarian bulletin bullying bundle bundles bureau burmese busy but button
buyer buyers buys bv by bypass bypassed bypasses bypassing byte bytes cache cached caching calculated call callback
called caller callers calling calls calmer came campaign can canada canadian candidate candidates cannot cap
capabilities capability capable car cards care carried carrier carriers carries carry cars case cases cast cat
catastrophic catch categories category caught cause caused causes causing cbrn celebrities celebrity central centre
certain certificate chain chains chairs change changed changes changing channel channels character characters chat
chatbot chatbots chats check checked checking checkpoint checkpoints checks chemical chest chief child children
chilean china chinese choice choices choose chosen church cipher ciphertext ciphertexts circumstances cites citizen
citizens city civilian civilians claimant claimants claimed claims class classes classification classified classifier
classifiers classify clean clear clearly clerk client clients clinic clock clone close closed closure cloud cluster
clutter co coast code coded codes coding cold colleague colleagues collect collected collection collector college
colombian color column columns com combination combinations come comes coming command commands commas commercial
commission commit commits committed committee common commonly communication communities community companies company
compare compared compares comparison complaints complete complexity compliance component components compose compromise
compromised compromising computation computations compute computed computer computes computing concern concerns
conclusion concrete condition conditional conditions conduct conducted confidence confident confidential
confidentiality config configuration configurations configure configured confirm confirmation confirmed confirms
confusion congress connect connected connecting connection connections connector connects consent consider considered
consists consortium constant constitutes constraints construct constructing constructor consultant consumer consumers
consumption contact contain contained container containers containing contains content contentious contents context
contexts continuation continuations continue continues continuing continuously contractor contributing control
controlled controls conversation conversations conversion convert converter converting convolution cookie cookies cool
coordinate copied copies copilot copy copying core cores corp corporation correct corrected correction correctly
corresponding corrupted corruption cost costs cough could council councillors counsel count counted country counts
county couple court coverage covered covers cpe craft crafted crafting crash crashes create created creates creating
creation creators credential credentials credibility credible criminal criteria criterion critical croatian cross
crowd cuban cup curate curation current currently cursor cursors custom customer customers cut cuts cve cwe cyber
cybersecurity cyclist cyclists czech damage dame damit dan dangerous danish dark das dashboard dashboards data
database databases datapoints dataset datatype date daughter daughters day days deal dear death deaths debug december
decide decided decides decision declared declined declines decode decoding deep deepfake default defaults defence
defendants define defined definition definitions degrade degree delay delegate delete deleted deletes deletion
deliberately deliver delivery delta dem demo democratic demonstrate demonstrated demonstrates demos den denial denmark
dense department depend dependencies dependency depending depends deploy deployed deploying deployment deployments
deprecated deputy der dereference dereferences dereferencing derived des describes description deserialization
deserialized deserializing design designed designers desired desk desktop destroy destroyed destroys detail detailed
details detect detected detection detector detectors detects determination determine determined detrimental develop
developed developer developers development devices did die diff differ difference different differs difficult digest
digital dimension dimensions dinner direct direction directly director directorate directories directory disable
disabled disables disabling disallowed disappears discharge disclosed disclosure discovered discovery discrimination
disguised disk disrupt disrupting disruption disruptive distributed distribution district distrust divergence division
divisor do doctor document documentation documented documents does doesn dog dogs doing domain domains done door doors
dose double doubtful doubts down downgrade download downloaded downloads downstream dr dra draft dress drew drift
drink drive driver drivers driving drop dropped drops dry dtype due dummy dump during dutch duty each eager ear
earlier early ears easier east eastern eat echo ecosystem ecosystems ecuadorian edge edit edition effect effective
effectively effectiveness effects egg eggs egress egyptian eight ein eine either elderly elections element elements
elevate eleven elicit ellipsis else elsewhere email emails embargo embed embedded embedding embeds employed employee
employees employer emptied empty enable enabled enables enabling encode encoded encoding encounter encountering
encrypted encryption end ended ending endpoint endpoints ends enemy energy enforce enforced enforcement enforces
engage engine engineer england english enough ensure enterprise enters entire entities entity entries entry envelope
envelopes environment environmental environments epoch epochs equal equality equivalent erased erasure error errors
escalated escalation escape espionage establish establishing estimate estonian etc ethnic europe european evade evaded
evades eval evaluate evaluated evaluation evaluations evasion even evening event events eventually ever every
everybody everyone everything evidence evidenced exact exactly example examples except exception excerpts excessive
exec executable execute executed executes executing execution executive exercise exfiltrate exfiltrated exfiltrating
exfiltration exhaust exhaustion exist existed existing exists exits expect expected expects experiment experimentation
experiments experts expire expired expires explained explicit explicitly exploit exploitable exploitation exploited
exploiting exploits explored export exported exporting exports expose exposed exposes exposing exposure expression
extension extensions external extract extracted extracting extraction eyes face faces facets facial fact facts faculty
fail failed fails failure failures fair fairness faith fake falls false families family famous far farm fast father
fault faults faulty favourite fear feature features february federal federation feed feeds feel feeling feet female
fetch fetched fetches few fewer fictional fictitious field fields fight figures file filed filename filenames filer
files filesystem filing filings filipino fill filled fills film filter filtered filtering filters final financial find
finding finds fine finger finished finishes finishing finland fire firma first fish fishermen fits five fix fixed
fixes flag flags flat flaw flight floating floor flow flower folder folders follow followed following follows food
foot for forbids force foreign forest forge forged forgery forget forgot form format formats formatting forms fort
forty forward found foundation founder four fourteen fourth frames framework frameworks framing france francisco fraud
free freeze french frequent frequently fresh friday friend friends from front frontier fruit fsync fulfilling full
fully fun function functionality functions fund fundamental further future gain gaining game games gamma gap garden
gas gate gates gathered gave geben gender general generate generated generates generating generation generator generic
generously geneva genuine geospatial german germany gesellschaft get gets gibt girl girls git github give given gives
giving glass gmbh go goal goals god goes going gold gone good got government grade graded grader grading grandma
grandmother grant granted grants graph grass greater greatly greek green grey grievance ground group groups grow grows
guard guarded guardrail guess guest guests guidance guide gun gzip haben habits had hair half hall hallucination hand
handle handled handler handles handling hands happens happy hard hardware harm harmed harmful harmless harms has hash
hashes hat have having hazard hazardous hazards he head header headers headquarters health heap hear heard heart heat
heaven heavy hebrew held hell hello help helper helps hence her here hesitant hexadecimal hi hidden hide high higher
highlight hijack hijacking hill him hindu hints hire hired his hispanic histories history hit hold holding holds hole
holiday home homeowners honest hope horse hospital host hosted hosting hosts hot hotel hour hours house households
houses how however html http https hub human humans hundred hungarian husband hybrid hygiene ice icelandic idea ideas
identification identified identifier identify identifying identities identity ideology ids iep if ignore illegal
illicit illustrate image images immediately imminent impact impacted impacting impacts impersonate impersonation
implement implementation implementations implemented implements implications implicit import important imported
importer impossible improper in inadequate inadvertently inbox inc incident include included includes including
inclusion incoming incomplete incorporated incorrect incorrectly increase increasing index indexing india indian
indicate indicates indicating indicator indicators indices indirect individual individuals indonesian industry
inference infinite influence info information infrastructure ingestion inherited initial initialization initialize
initialized initially initiative inject injected injecting injection injections injects injured injury inline inner
input inputs insecure insert inserted inserting inside insider inspection inspector install installations installed
installs instance instances instant instants instead institute institution instruct instruction instructions
insufficient int intake integer integers integral integrates integration integrity intended intent intention
intentional interact interaction interactive intercept interest interface interfaces interleaved intern internal
international internet interpretability interpreter interview into introduced intruder intrusions invalid invalidated
invented inventing investigating investigator invisible invoices invoke involve involved involvement involves
involving iranian iraqi ireland irish iron is islamic island islands israeli issue issues ist it italy item items its
itself jailbreak jailbreaks january japan japanese jewish jews job jobs join joined joins journal journalist
journalists joy jr judge judged judges july jump june just kann keep keeps keine kenyan kept kernel kernels key keyed
keys keyword kg kid kids kill killed kind kinds king kingdom kit kitchen knee knew know knowledge known knows korean
kunde lab label labeling labels laboratory labour labs lack lacks ladder lady lake lamps land lane language laptop
large larger last lasting latent later latest latvian laugh launch launched law laws lawyer lawyers layer layers
layout lead leader leading leads leaf leak leakage leaked leaking leaks learn learned learning learns lease least
leave leaves lecture led left leftovers leg legacy legal legitimate legs length less lesson lessons let lets letter
letters level levels leverage leveraged lexical libraries library licence lie lies liest life lifecycle lifelong lift
light like likelihood likely limit limitations limited limiter limiting limits line lines link linked links lip list
listed listen listeners listens lists lite lithuanian little live lives living llc llp load loaded loading loads loan
local localhost locally located location locations lock locks log logged logging logic login logs london lone long
longer look looked looks loop loopback loops lord lose loses loss lost lots love lovely low lower ltd luck lunch
machine machines macro macros made madrid mail mailing mails main maintainer maintainers maintains major make maker
makers makes making malaysian male malformed malfunction malicious maliciously mall malware man manage management
manager manifest manifests manipulate manipulated manipulating manipulation manner manually many map mapping maps
march margin marine mark markdown marked markers market markets marking marks marriage mass master match matches
matching material materials math matrix max maximum may mayor me meal mean meaning means meant meanwhile measured
measures measuring meat mechanism mechanisms media medical medium meeting meets member members memories memory men
mention merge merged message messages met metadata metal method methods metrics mexican mexico middle midnight might
migrants migration military milk million milliseconds mimic min mind mine mini minimal minister ministry minority
minors minute minutes mirrored mirrors misclassification misconfigured misleading mismatch miss missed misses missing
mission misuse mit mitigate mitigating mitigation mitigations mobile modality mode model models moderate modes
modification modifications modified modify modifying module modules moment monday money monitor monitoring monks
monospace month months moon more morning most mother motive motives motors mount mountain mounted mouth move moved
moves moving mr mrs ms much multipart multiple multiplication music musicians muslim muslims must mutable my nach name
named names namespace nano narrative narratives narrow narrows nation national nations natural nature navy near nearly
necessary neck need needed needs nefarious negative neighbour neighbouring neighbours nein neither nested network
neural never new newer newest newlines newly news newspaper next nice nicht nie nigerian night nine no nobody noch
node nodes noise nonce none noon nor normal north northern norway norwegian nose not note notebook notebooks notes
nothing noticed notices notified november now nowhere null number numbers numeric nur nurse nurses nv obeyed
obfuscation object objects observable observables observed obtain obtaining occupants occur occurs october oder of off
offensive offer offered offering offers office officer official offline offset often oh oil ok old older omega on once
one ones ongoing online only open opened opening opens operate operating operation operations operator operators ops
optimization optimizer option optional or orange orchestrate orchestration order ordered orders org organisation
organisational organisations organization organizations oriented origin original other others otherwise our ours out
outcome outcomes outlived output outputs outside over overflow overflows overlay overly override oversight overstates
overwrite overwriting overwritten own owned owner owns oy package packages packaging packed padded padding paddle page
pages paid pain paint pair pakistani palestinian palestinians pallet pap paper papers parallel parameter parameters
parents paris park parliament parse parsed parser parsing part partial participants particular parties partners
partnership parts party pass passed passengers passes passing passive password passwords past patch patched patches
path paths patient patients pattern patterns pay payload payloads payment peace pedestrian pedestrians pen pension
pensioners pensions people pepper per percentage perform performance performed performing performs permission
permissions permissive permits permutation persistent person personal persons pertains peruvian pharmacist phase
philippine phishing phonetic photo photographs photos phrase phrased phrases phrasing physical physician pick picker
pickle picture pictures piece pilot pink pinned pipeline pipelines pkg place placed placeholder places placing plain
plaintext plan plane planned planner planning plans plant planted plants platform platforms play player players plays
plc please plots plugin plugins plus png poc pocket poem poet point pointer points poison poisoned poisoning poland
police policemen policies policy polish politician politicians poll poller pooling poor pope popular port portuguese
poses posing position positions positive possessing possibility possible possibly post posted postgresql posts
potential potentially pound power practice predictor premier prep prepaid preparation prepare prepared preprocessing
presence present president press pretty prevent preventing prevents preview previous previously price prices priests
primary prime primitive prince princess printed prints prior prison prisoners privacy private privilege privileged
privileges prize pro probe probes problem problematic problems procedure proceeds process processed processes
processing produce producer producers product production products prof professional professor profiles program
programme programs project projects promised promises prompt prompted prompting prompts proof proper properly
properties property proprietary protect protected protection protects proto protocol protocols prototyping prove
proves provide provided provider providers provides providing province proxy pseudonym pseudonyms pty public
publication publicly publish published publisher publishes pull pulled pump pumps pupils purchasing pure purl purpose
purposes pushed put python qualifies quality quantity quantization quantized quarter queen queries query question
questions queue quick quickly quiet quite quoted quotes race radio ragged rain rainbow raised ran random rang range
ranges rank ranked ranker rare rarest rate rates rather rationale raw reach reachable reached reaches read reader
readers reading reads ready real realised reason reasonably reasoning reasons recall recalled receipt receipts receive
received receives recipe recipients recogniser recognises recognition recommend recommendation recommendations
recommended recommender reconstructed record recorded recordings records recovered recovery recreation recursion
recursive recursively red redacted redaction redirect redirected refer reference referenced references refers
reflected refugees refusal refuse refused refuses regarding regardless regime region regional registered registry
regular regulator rehearse reinforcement reject related relates relationship relationships relative release released
releases relevance relevant relied rely relying remain remains remark remarks remediation remedy remembers remote
remotely removal remove removed removes removing render rendering rented renters rents repeat repeated repeating
rephrasing replace replaced replaces replay replaying replicas replicated replies reply repo report reportability
reported reporter reporters reporting reports repositories repository represent representation representations
represented representing represents reproduce reproducer reproduction reputational request requested requesting
requests require required requirements requires requiring research researcher researchers resembles resident residents
resides resolution resolved resource resources respond response responses responsible rest restart restore restored
restrict restricted restriction restrictions restrictive result resulted resulting results retailers retention retries
retrieval retrieve retrieved retrieves return returned returning returns revealed reverse review reviewer reviewing
reviews revision revisions revocation revoked reward rewarded rewrote rich rid ride riders right ring risk risks risky
river road robot robots robustness rock role roleplaying roles romanian rome roof room root rose rotate rotates
rotating rotation round rounds route router routes routing row rows royal rule rules run running runs runtime runtimes
russia russian russians sa safe safeguards safety said sail saint salt salts same sample samples san sand sandbox
sandboxes sanitization sanitize santa sarl satisfies satisfy satisfying saturday saved saw say says scalar scalars
scaling scammer scammers scan scanner scanning scenario scenarios schedule schema schemas scheme schemes school
schools science sciences scientist scope score scored scores scoring scotland scottish screening script scripting
scripts sea sealed seals search searched searches season seat second secondary seconds secret secretary secrets
section sections sector secure secured security see seen sees segfault segfaults segment segmentation sein select
selects self seller sellers senate send sending sends senior seniors sensitive sent sentence sentences separate
separately separator september sequences serbian serialization serialized series serve served server servers serves
service services serving session sessions set sets setting settings seven several severe severity sexual shade shape
shapes shards share shared shares sharing she shell shift ship shirt shoe shop short shortcut shortcuts shot should
show showcase showed shown shows shrink side sie sign signal signaling signals signature signed signer significant
significantly signs silence silver similar similarity simple simulates since sind sing singer singers single singled
sir sister site sites sits six size sizes skill skip skipped sky slash sleep slice slices slovak slovenian slow slug
slur slurs small smaller smart smile snapshot snapshots snow snowball so soc social socially society socket sockets
soft software soldier solid solutions solves some somebody someone something son song sons soon sort sorted sorts
sound source sources south southern spa space spaces spain span spanish spark sparse speakers speaks special
specialist specially specific specifically specified specify specifying speech speed spelling spending spent spirit
split splits spoke spoken spokesman spokesperson sport spray spreadsheet spring square squarely sr srl stack stacks
staff staging stale stand standard standing stands star stars start started starting starts state stated statement
statements states station statistics status stay stays std steal steals steel stems step stepped steps stereotypes
stick still stock stolen stone stood stop stopped stops storage store stored stores stories storm story str stream
streamers street stretches strict strictly stride string strings strong strongly structure structures student students
studies studio study style subject submits submitted submitting subscribers subsequent subsequently success successful
successfully such suffers sufficiency sufficient sugar suggested suite summariser summarises summary summer sun sunday
sup supervised supervisor supplied supplier supplies supply supplying support supported supporting supports supposed
sure surface surgery surrounding surveillance susceptibility susceptible suspect suspected suspects sweden swedish
sweet swiss switched switzerland symmetric sync synthesis synthesizing syrian system systemd systems table tables tabs
tactic tag tagged tags taiwanese take taken takes talk talked tall tampering tap tar target targeted targeting targets
task tasks tax taxonomies taxonomy tea teacher teachers team technical technician technique techniques technologies
technology telephone tell tells template templates temporary ten tenant tenants tense tensor tensors term terminal
terminate terminates termination terms test tested tester testing tests text texts thai than thank that the theatre
theft their them themselves then there thereby therefore these they thing things third thirty this those though
thought thousand thread threads threat threats three threshold thresholds through thursday thus tick ticker ticket
tickets tidy tight time timeline timelines times timing tired title titles tlp to today together token tokens tokyo
told tombstone tone tonight too took tool toolchain tooling toolkit tools tooth top topic torch total touch tour
towards tower town toxic toxicity toy trace traceability traces tracker tracking trade traders traditional traffic
train trained trainee training trains tramway transaction transcriber transcripts transfer transfers translates
translation translator travel travellers traversal traverse treat treated tree trees triage trial trick tricked tried
tries trigger triggered triggering triggers trip tripped truck true trust trusted trusts try tuesday turbo turkish
turn turned turns twice two type types typically typo typos ukrainian ultimately ultra unable unapproved
unauthenticated unauthorized unavailable unchanged uncle uncontrolled und undefined under underrate understanding
undetected unexpected uninitialized unintended unintentional union unique united universities university unknown
unlearning unless unlikely unlock unmarked unnamed unnoticed unprivileged unreachable unread unrelated unresponsive
unrestricted unsafe unsafely unsanitized unsigned unspecified unsure until untrained untrusted up update updated
upgrade upgrading uplift upload uploaded uploading uploads upon upper upsert urgent url us usable usage use used user
users uses using usual utilities utilized utilizes valid validate validated validates validating validation
validations valley value values vanished variable variables variation variety various vector vendor venezuelan
ventures verification verified verifies verify verifying version versions very veterans via victim victims video
videos vienna vietnamese view viewers village villagers violating violations visible vision visit visitors visual
vocabulary voice voices von vor vote voters vouched vuln vulnerabilities vulnerability vulnerable wait waiting waits
wake wales walk walks wall wanted war ward warehouse warm warn warning warns was washington watch watchers water
waterworks wave way ways we weak weapon weather web webhook webpage website websites wednesday week weekday weekend
weeks weights weiter welfare well welsh went were west western what whatever wheel when whenever where whereas whether
which while white who whoever whole whom whose why widely widespread widow width wife wild will wind window windows
wine wing winner winter wird wire wise with withdraw withdrawn withdraws withheld within without woman women wood word
wording words work workaround workarounds worked worker workers workflow workflows working workloads works workspace
world worse worst worth would wrap wrapped write writer writers writes writing written wrong wrote yaml yard year
years yellow yes yet york you young your yours youth zealand zero zum zur zurich
""".split()  # noqa: SIM905 - as a list it would be three thousand lines
)
