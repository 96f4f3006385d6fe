#!/usr/bin/perl
# 048_monitoring.pl: what docs/monitoring asks for is there, for a role that may ask for nothing else.
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use Cwd qw(abs_path);
use CPAN::Meta::YAML;
use File::Basename qw(dirname);
use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(skip_tests slurp);

my $files = abs_path("$FindBin::Bin/../../docs/monitoring");
my $t = ShimTest->new(extension => 1);
$t->start;
$t->get('/auth') for 1 .. 3;

sub yaml
{
	my ($name) = @_;
	my $document = eval { CPAN::Meta::YAML->read_string(slurp("$files/$name"))->[0] };
	ok($document, "$name is YAML") or diag($@);
	return $document;
}

# The names that a page of metrics has, with those that make up a histogram or a summary.
my %there = map { /\A(\w+)[ {]/ ? ($1 => 1) : () } split /\n/, $t->get('/metrics')->{body};

# What postgres_exporter would make of each query: the name of the query, and of the column.
$t->sql('CREATE ROLE oauth_monitor LOGIN; GRANT EXECUTE ON FUNCTION oauth_status, oauth_check TO oauth_monitor');
my $queries = yaml('queries.yml');
for my $name (sort keys %$queries)
{
	my $query = $queries->{$name}{query} =~ s/\s+/ /gr;
	my @rows = split /\n/, $t->sql("SET ROLE oauth_monitor; SELECT to_json(q) FROM ($query) q");
	cmp_ok(scalar @rows, '>', 0, "$name answers a role that may ask how it is");
	my %columns = map { %$_ } map { decode_json($_) } @rows;
	my %described = map { %$_ } @{ $queries->{$name}{metrics} };
	is_deeply([ sort keys %columns ], [ sort keys %described ], "$name describes its columns");
	for my $column (grep { $described{$_}{usage} ne 'LABEL' } keys %described)
	{
		$there{"${name}_$column"} = 1;
		like($columns{$column} // 0, qr/\A-?[0-9.]+\z/, "$name, $column is a number");
	}
}
is($t->{node}->psql('postgres', 'SET ROLE oauth_monitor; SELECT FROM oauth.client'), 3, 'and nothing else');

sub missing
{
	return grep { !$there{$_} } map { /\b(oauth_(?:shim|status|check|database)_\w+)/g } @_;
}

my $alerts = yaml('alerts.yml');
my @rules = map { @{ $_->{rules} } } @{ $alerts->{groups} };
cmp_ok(scalar @rules, '>', 10, 'there are alerts');
is_deeply([ missing(map { $_->{expr} } @rules) ], [], 'which ask for what there is');
is_deeply([ grep { !$_->{labels}{severity} || !$_->{annotations}{summary} } @rules ], [], 'and say how grave it is, and what');
my $guide = slurp("$files/README.md");
is_deeply([ grep { $guide !~ /`$_`/ } map { $_->{alert} } @rules ], [], 'the guide says what to do about each');

my $dashboard = eval { decode_json(slurp("$files/grafana.json")) };
ok($dashboard, 'the dashboard is JSON') or diag($@);
my @asked = map { $_->{expr} } map { @{ $_->{targets} // [] } } @{ $dashboard->{panels} };
cmp_ok(scalar @asked, '>', 20, 'which shows something');
is_deeply([ missing(@asked, map { $_->{query}{query} // () } grep { ref $_->{query} } @{ $dashboard->{templating}{list} }) ], [],
	'that there is');
my %ids = map { $_->{id} => 1 } @{ $dashboard->{panels} };
is(scalar keys %ids, scalar @{ $dashboard->{panels} }, 'each panel has a number of its own');

my $jobs = join ' ', map { $_->{job_name} } @{ yaml('prometheus.yml')->{scrape_configs} };
is($jobs, 'oauth-shim oauth-database', 'Prometheus asks the shim and the database');
my ($job) = slurp("$files/alerts.yml") =~ /up\{job="([^"]+)"\}/;
like($jobs, qr/\b\Q$job\E\b/, 'under the name that the alert has');

# Every metric of the shim is shown, or alerted on.
my $shown = join "\n", @asked, map { $_->{expr} } @rules;
is_deeply([ grep { my $base = s/_(?:bucket|sum|count)\z//r; $shown !~ /\b$base/ } sort keys %there ], [], 'nothing is measured for nobody');

# What Prometheus says of it: does each alert go off, and only when it should?  A series, when it is bad, when it is good,
# and others that stay; each an hour and a half, a value a minute.
my $shim = 'instance="shim"';
my $lane = "$shim,lane=\"reading\"";
my $all = "oauth_shim_requests_total{$shim,route=\"/auth\",status=\"200\"}";
my %alarms = (
	OauthShimDown => [ "up{job=\"oauth-shim\",$shim}", '0x90', '1x90' ],
	OauthDatabaseAway => [ "oauth_shim_database_connections{$lane}", '0x90', '1x90' ],
	OauthDatabaseConnectionsMissing => [ "oauth_shim_database_connections{$lane}", '1x90', '2x90', "oauth_shim_database_connections_configured{$lane}", '2x90' ],
	OauthErrors => [ "oauth_shim_requests_total{$shim,route=\"/auth\",status=\"503\"}", '0+2x90', '0+1x90', $all, '0+110x90' ],
	OauthSlow => [ "oauth_shim_request_seconds_bucket{$shim,le=\"1\"}", '0+98x90', '0+100x90', "oauth_shim_request_seconds_bucket{$shim,le=\"2.5\"}", '0+100x90',
		"oauth_shim_request_seconds_bucket{$shim,le=\"+Inf\"}", '0+100x90' ],
	OauthQueueFills => [ "oauth_shim_queue_depth{$lane}", '513x90', '512x90', "oauth_shim_queue_limit{$lane}", '1024x90' ],
	OauthWaiting => [ "oauth_shim_queue_oldest_seconds{$lane}", '3x90', '2x90' ],
	OauthConnectionsFull => [ "oauth_shim_http_connections{$shim}", '240x90', '200x90', "oauth_shim_http_connections_limit{$shim}", '256x90' ],
	OauthBatchFallbacks => [ "oauth_shim_batch_fallbacks_total{$shim}", '0x80 1x10', '1x90' ],
	OauthReconnects => [ "oauth_shim_database_reconnects_total{$shim}", '0+1x90', '3x90' ],
	OauthGuessing => [ "oauth_shim_requests_total{$shim,route=\"/login\",status=\"429\"}", '0+90x90', '0+30x90' ],
	OauthTokenRequestsRefused => [ "oauth_shim_requests_total{$shim,route=\"/oauth2/token\",status=\"401\"}", '0+60x90', '0+40x90',
		"oauth_shim_requests_total{$shim,route=\"/oauth2/token\",status=\"200\"}", '0+50x90' ],
	OauthMalformedRequests => [ "oauth_shim_refused_total{$shim}", '0+900x90', '0+300x90' ],
	OauthDeliveriesWait => [ "oauth_shim_delivery_oldest_seconds{$shim}", '4000x90', '3000x90' ],
	OauthDeliveriesFail => [ "oauth_shim_deliveries_total{$shim,outcome=\"failed\"}", '0+60x90', '0+40x90',
		"oauth_shim_deliveries_total{$shim,outcome=\"delivered\"}", '0+50x90' ],
	OauthFetchesFail => [ "oauth_shim_fetches_total{$shim,outcome=\"unreachable\"}", '0+60x90', '0+40x90',
		"oauth_shim_fetches_total{$shim,outcome=\"good\"}", '0+50x90' ],
	OauthFetchesForbidden => [ "oauth_shim_fetches_total{$shim,outcome=\"forbidden\"}", '0+1x90', '0x90' ],
	OauthPurgeBehind => [ "oauth_status_expired_rows{$shim}", '1000001x90', '1000x90' ],
	OauthCheck => [ "oauth_check_findings{$shim,severity=\"high\"}", '1x90', '0x90' ],
	OauthStandbyBehind => [ "oauth_database_replay_lag_seconds{$shim}", '31x90', '30x90' ],
	OauthMasterKeyOld => [ "oauth_status_master_key_age_seconds{$shim}", '40000000x90', '100000x90' ],
	OauthSigningKeyOld => [ "oauth_status_signing_key_age_seconds{$shim}", '10400000x90', '7800000x90' ]);
is_deeply([ sort keys %alarms ], [ sort map { $_->{alert} } @rules ], 'each alert is tried');

# The alert as it goes off: of what the series has, sums by (instance) keep that alone.
sub alarm_of
{
	my ($rule, $series, $values) = @_;
	my %labels = $series =~ /(\w+)="([^"]*)"/g;
	my ($value) = $values =~ /\A(\d+)/;
	%labels = (instance => $labels{instance}) if $rule->{expr} =~ /sum by \(instance/;
	my $summary = $rule->{annotations}{summary} =~ s/\{\{ \$labels\.(\w+) \}\}/$labels{$1}/gr =~ s/\{\{ \$value \}\}/$value/gr;
	return { exp_labels => { %labels, severity => $rule->{labels}{severity} }, exp_annotations => { summary => $summary } };
}

sub case_of
{
	my ($rule, $is_bad) = @_;
	my ($series, $bad, $good, %others) = @{ $alarms{ $rule->{alert} } };
	my %series = ($series => $is_bad ? $bad : $good, %others);
	return {
		name => $rule->{alert} . ($is_bad ? ' goes off' : ' does not'),
		interval => '1m',
		input_series => [ map { { series => $_, values => $series{$_} } } sort keys %series ],
		alert_rule_test => [ { eval_time => '88m', alertname => $rule->{alert}, exp_alerts => $is_bad ? [ alarm_of($rule, $series, $bad) ] : [] } ],
	};
}

# JSON is YAML.
sub promtool
{
	my ($name, $file, $content, @command) = @_;
	my $path = $t->dir . "/$file";
	open(my $out, '>', $path) or die "$path: $!";
	print $out JSON::PP->new->canonical->pretty->encode($content);
	close $out;
	my $said = `promtool @command $path 2>&1`;
	is($?, 0, $name) or diag($said);
	return;
}

SKIP:
{
	my ($promtool) = grep { -x } map { "$_/promtool" } split /:/, $ENV{PATH};
	skip_tests(3, 'promtool is not installed') unless $promtool;
	my $said = `cd $files && promtool check config prometheus.yml 2>&1`;
	is($?, 0, 'Prometheus reads its configuration, and the alerts') or diag($said);
	promtool('each alert goes off when it should, and else does not', 'alarms.json',
		{ rule_files => ["$files/alerts.yml"], tests => [ map { case_of($_, 1), case_of($_, 0) } @rules ] }, qw(test rules));
	my $n = 0;
	promtool('Prometheus understands what the dashboard asks', 'asked.json', { groups => [ { name => 'asked', rules =>
		[ map { { record => 'asked:' . $n++, expr => s/\$__rate_interval|\$__interval/5m/gr =~ s/\$__range/1h/gr =~ s/\$\w+/x/gr } } @asked ] } ] }, qw(check rules));
}

$t->finish;
done_testing();
