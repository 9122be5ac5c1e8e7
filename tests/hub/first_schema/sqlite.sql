CREATE TABLE about (
	"key" VARCHAR(60) NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE alerts (
	id INTEGER NOT NULL,
	authority VARCHAR(63) NOT NULL,
	kind VARCHAR(20) NOT NULL,
	target VARCHAR(500) NOT NULL,
	made BIGINT NOT NULL,
	told BIGINT NOT NULL,
	said TEXT NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE arrival_files (
	arrival INTEGER NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	size BIGINT NOT NULL,
	PRIMARY KEY (arrival, sha256)
);
CREATE INDEX arrival_files_sha256 ON arrival_files (sha256);
CREATE TABLE arrivals (
	id INTEGER NOT NULL,
	push VARCHAR(32) NOT NULL,
	box VARCHAR(40) NOT NULL,
	publisher VARCHAR(130) NOT NULL,
	authority VARCHAR(63) NOT NULL,
	label VARCHAR(500) NOT NULL,
	slug VARCHAR(63) NOT NULL,
	version BIGINT NOT NULL,
	manifest VARCHAR(64) NOT NULL,
	name TEXT NOT NULL,
	language VARCHAR(35) NOT NULL,
	author TEXT NOT NULL,
	size BIGINT NOT NULL,
	arrived BIGINT NOT NULL,
	changed BIGINT NOT NULL,
	state VARCHAR(10) NOT NULL,
	reviewer VARCHAR(200) NOT NULL,
	findings TEXT NOT NULL,
	signed TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (push)
);
CREATE INDEX arrivals_lesson ON arrivals (box, slug, version);
CREATE INDEX arrivals_manifest ON arrivals (manifest);
CREATE INDEX arrivals_state ON arrivals (state, arrived);
CREATE TABLE audit (
	number INTEGER NOT NULL,
	at BIGINT NOT NULL,
	actor VARCHAR(200) NOT NULL,
	action VARCHAR(60) NOT NULL,
	subject VARCHAR(200) NOT NULL,
	detail TEXT NOT NULL,
	previous VARCHAR(64) NOT NULL,
	hash VARCHAR(64) NOT NULL,
	PRIMARY KEY (number),
	UNIQUE (hash)
);
CREATE INDEX audit_subject ON audit (subject);
CREATE TABLE boxes (
	id INTEGER NOT NULL,
	local VARCHAR(40) NOT NULL,
	publisher VARCHAR(130) NOT NULL,
	state VARCHAR(10) NOT NULL,
	authority VARCHAR(63) NOT NULL,
	wanted VARCHAR(63) NOT NULL,
	label VARCHAR(500) NOT NULL,
	kind VARCHAR(63) NOT NULL,
	school VARCHAR(500) NOT NULL,
	reason TEXT NOT NULL,
	asked BIGINT NOT NULL,
	decided BIGINT,
	decided_by VARCHAR(200) NOT NULL,
	address_class VARCHAR(20) NOT NULL,
	keyid VARCHAR(64) NOT NULL,
	"key" VARCHAR(64) NOT NULL,
	counter BIGINT NOT NULL,
	signature VARCHAR(128) NOT NULL,
	root_version INTEGER NOT NULL,
	root_sha256 VARCHAR(64) NOT NULL,
	roots TEXT NOT NULL,
	epoch INTEGER NOT NULL,
	moved_from VARCHAR(130) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (local),
	UNIQUE (keyid)
);
CREATE INDEX boxes_publisher ON boxes (publisher);
CREATE INDEX boxes_state ON boxes (authority, state);
CREATE TABLE check_in_days (
	box INTEGER NOT NULL,
	day INTEGER NOT NULL,
	times INTEGER NOT NULL,
	level VARCHAR(10) NOT NULL,
	failure VARCHAR(40) NOT NULL,
	disk_free BIGINT NOT NULL,
	lessons INTEGER NOT NULL,
	month_hub BIGINT NOT NULL,
	PRIMARY KEY (box, day)
);
CREATE INDEX check_in_days_day ON check_in_days (day);
CREATE TABLE check_ins (
	box INTEGER NOT NULL,
	at BIGINT NOT NULL,
	due BIGINT NOT NULL,
	version VARCHAR(40) NOT NULL,
	board VARCHAR(63) NOT NULL,
	system BIGINT NOT NULL,
	disk_free BIGINT NOT NULL,
	disk_total BIGINT NOT NULL,
	files_free BIGINT NOT NULL,
	lessons INTEGER NOT NULL,
	waiting INTEGER NOT NULL,
	own INTEGER NOT NULL,
	success_ago BIGINT NOT NULL,
	failures INTEGER NOT NULL,
	failure VARCHAR(40) NOT NULL,
	clock_off BIGINT NOT NULL,
	clock_believed INTEGER NOT NULL,
	month_hub BIGINT NOT NULL,
	month_near BIGINT NOT NULL,
	level VARCHAR(10) NOT NULL,
	health TEXT NOT NULL,
	PRIMARY KEY (box)
);
CREATE INDEX check_ins_due ON check_ins (due);
CREATE INDEX check_ins_level ON check_ins (level);
CREATE TABLE code_lists (
	id INTEGER NOT NULL,
	authority VARCHAR(63) NOT NULL,
	name VARCHAR(200) NOT NULL,
	imported BIGINT NOT NULL,
	automatic INTEGER NOT NULL,
	PRIMARY KEY (id)
);
CREATE UNIQUE INDEX code_lists_name ON code_lists (authority, name);
CREATE TABLE codes (
	hash VARCHAR(64) NOT NULL,
	list INTEGER NOT NULL,
	school VARCHAR(500) NOT NULL,
	name VARCHAR(63) NOT NULL,
	expires BIGINT,
	box INTEGER,
	used BIGINT,
	PRIMARY KEY (hash)
);
CREATE INDEX codes_list ON codes (list);
CREATE TABLE guesses (
	"key" VARCHAR(200) NOT NULL,
	wrong INTEGER NOT NULL,
	last BIGINT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE jobs (
	id INTEGER NOT NULL,
	kind VARCHAR(60) NOT NULL,
	"key" VARCHAR(200) NOT NULL,
	payload TEXT NOT NULL,
	state VARCHAR(10) NOT NULL,
	due BIGINT NOT NULL,
	tries INTEGER NOT NULL,
	worker VARCHAR(100) NOT NULL,
	until BIGINT NOT NULL,
	said TEXT NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX jobs_next ON jobs (state, due);
CREATE TABLE outcomes (
	rollout INTEGER NOT NULL,
	box INTEGER NOT NULL,
	state VARCHAR(10) NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (rollout, box)
);
CREATE TABLE passkeys (
	hash VARCHAR(64) NOT NULL,
	person INTEGER NOT NULL,
	credential TEXT NOT NULL,
	public_key TEXT NOT NULL,
	site VARCHAR(253) NOT NULL,
	label VARCHAR(60) NOT NULL,
	uses BIGINT NOT NULL,
	made BIGINT NOT NULL,
	used BIGINT NOT NULL,
	PRIMARY KEY (hash)
);
CREATE INDEX passkeys_person ON passkeys (person);
CREATE TABLE people (
	id INTEGER NOT NULL,
	login VARCHAR(60) NOT NULL,
	name VARCHAR(120) NOT NULL,
	role VARCHAR(20) NOT NULL,
	authority VARCHAR(63) NOT NULL,
	secret TEXT NOT NULL,
	totp VARCHAR(64) NOT NULL,
	totp_step BIGINT NOT NULL,
	made BIGINT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (login)
);
CREATE TABLE person_codes (
	hash VARCHAR(64) NOT NULL,
	person INTEGER NOT NULL,
	kind VARCHAR(10) NOT NULL,
	until BIGINT NOT NULL,
	PRIMARY KEY (hash)
);
CREATE INDEX person_codes_person ON person_codes (person);
CREATE TABLE pieces (
	box VARCHAR(40) NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	"begin" BIGINT NOT NULL,
	size INTEGER NOT NULL,
	hash VARCHAR(64) NOT NULL,
	PRIMARY KEY (box, sha256, "begin")
);
CREATE TABLE push_needs (
	push VARCHAR(32) NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	size BIGINT NOT NULL,
	kind VARCHAR(10) NOT NULL,
	PRIMARY KEY (push, sha256)
);
CREATE INDEX push_needs_sha256 ON push_needs (sha256);
CREATE TABLE pushed_bytes (
	box VARCHAR(40) NOT NULL,
	day INTEGER NOT NULL,
	size BIGINT NOT NULL,
	PRIMARY KEY (box, day)
);
CREATE TABLE pushed_files (
	box VARCHAR(40) NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	size BIGINT NOT NULL,
	reached BIGINT NOT NULL,
	whole INTEGER NOT NULL,
	changed BIGINT NOT NULL,
	PRIMARY KEY (box, sha256)
);
CREATE INDEX pushed_files_sha256 ON pushed_files (sha256);
CREATE TABLE pushes (
	id VARCHAR(32) NOT NULL,
	box VARCHAR(40) NOT NULL,
	slug VARCHAR(63) NOT NULL,
	state VARCHAR(10) NOT NULL,
	code VARCHAR(60) NOT NULL,
	reason TEXT NOT NULL,
	begun BIGINT NOT NULL,
	changed BIGINT NOT NULL,
	version BIGINT NOT NULL,
	manifest VARCHAR(64) NOT NULL,
	size BIGINT NOT NULL,
	letter VARCHAR(64) NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX pushes_box ON pushes (box, state);
CREATE TABLE recalls (
	id INTEGER NOT NULL,
	at BIGINT NOT NULL,
	actor VARCHAR(200) NOT NULL,
	manifest VARCHAR(64) NOT NULL,
	objects TEXT NOT NULL,
	lesson TEXT NOT NULL,
	authority VARCHAR(63) NOT NULL,
	reason TEXT NOT NULL,
	state VARCHAR(10) NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE released (
	folder VARCHAR(200) NOT NULL,
	mark VARCHAR(64) NOT NULL,
	PRIMARY KEY (folder)
);
CREATE TABLE remarks (
	id INTEGER NOT NULL,
	arrival INTEGER NOT NULL,
	at BIGINT NOT NULL,
	actor VARCHAR(200) NOT NULL,
	what VARCHAR(20) NOT NULL,
	words TEXT NOT NULL,
	told INTEGER NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX remarks_arrival ON remarks (arrival);
CREATE TABLE repositories (
	box VARCHAR(40) NOT NULL,
	version BIGINT NOT NULL,
	changed BIGINT NOT NULL,
	files TEXT NOT NULL,
	PRIMARY KEY (box)
);
CREATE TABLE republications (
	id INTEGER NOT NULL,
	arrival INTEGER NOT NULL,
	publisher VARCHAR(130) NOT NULL,
	slug VARCHAR(63) NOT NULL,
	author TEXT NOT NULL,
	source VARCHAR(200) NOT NULL,
	not_before VARCHAR(20) NOT NULL,
	first INTEGER NOT NULL,
	days INTEGER NOT NULL,
	state VARCHAR(10) NOT NULL,
	reason TEXT NOT NULL,
	version BIGINT NOT NULL,
	asked BIGINT NOT NULL,
	asked_by VARCHAR(200) NOT NULL,
	changed BIGINT NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX republications_place ON republications (publisher, slug);
CREATE INDEX republications_state ON republications (state);
CREATE TABLE rollouts (
	id INTEGER NOT NULL,
	pack VARCHAR(200) NOT NULL,
	version BIGINT NOT NULL,
	authority VARCHAR(63) NOT NULL,
	title VARCHAR(500) NOT NULL,
	stages TEXT NOT NULL,
	state VARCHAR(10) NOT NULL,
	"limit" INTEGER NOT NULL,
	began BIGINT NOT NULL,
	began_by VARCHAR(200) NOT NULL,
	held TEXT NOT NULL,
	PRIMARY KEY (id)
);
CREATE UNIQUE INDEX rollouts_pack ON rollouts (pack, version);
CREATE TABLE sessions (
	hash VARCHAR(64) NOT NULL,
	person INTEGER NOT NULL,
	stage VARCHAR(10) NOT NULL,
	began BIGINT NOT NULL,
	seen BIGINT NOT NULL,
	agent VARCHAR(80) NOT NULL,
	challenge VARCHAR(100) NOT NULL,
	pending VARCHAR(64) NOT NULL,
	PRIMARY KEY (hash)
);
CREATE INDEX sessions_person ON sessions (person);
CREATE TABLE signing (
	id INTEGER NOT NULL,
	authority VARCHAR(63) NOT NULL,
	publisher VARCHAR(130) NOT NULL,
	what VARCHAR(20) NOT NULL,
	record TEXT NOT NULL,
	state VARCHAR(10) NOT NULL,
	asked BIGINT NOT NULL,
	asked_by VARCHAR(200) NOT NULL,
	signed BIGINT,
	signed_by VARCHAR(200) NOT NULL,
	"after" INTEGER,
	PRIMARY KEY (id)
);
CREATE INDEX signing_waiting ON signing (authority, state);
CREATE TABLE tokens (
	hash VARCHAR(64) NOT NULL,
	label VARCHAR(60) NOT NULL,
	person INTEGER NOT NULL,
	scope VARCHAR(200) NOT NULL,
	authority VARCHAR(63) NOT NULL,
	made BIGINT NOT NULL,
	until BIGINT NOT NULL,
	used BIGINT NOT NULL,
	PRIMARY KEY (hash),
	UNIQUE (label)
);
CREATE INDEX tokens_person ON tokens (person);
CREATE TABLE unreferenced (
	name VARCHAR(200) NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (name)
);
