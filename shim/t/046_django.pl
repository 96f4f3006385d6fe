# 046_django.pl
# docs/django.md with Debian's Django REST framework: one statement authenticates a request's transaction.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(curl guide_blocks header json skip_file slurp);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

skip_file('55 or so', 'Django REST framework is not installed')
  if system(q{python3 -c 'import rest_framework, psycopg2' 2>/dev/null}) != 0;

my $t = ShimTest->new(extension => 1, conf => 'log_min_duration_statement = 0');
my $dir = $t->dir;
my $port;

# The album of docs/policies.md, without its hundred thousand photos
my @policies = guide_blocks('policies.md', 'sql');
$t->sql(join '', @policies[ 0, 1 ], $policies[-1], 'ALTER ROLE CURRENT_USER SET log_statement = none; ALTER ROLE CURRENT_USER SET log_min_duration_statement = -1');
my $client = $t->sql("SELECT client_id FROM oauth_register_client('Album', grant_types => '{client_credentials,refresh_token}', scope => 'read write')");
sub token { my ($subject, $scope) = @_; return $t->sql("SELECT access_token FROM oauth_issue_token('$client', '$subject', '$scope')") }
my ($ann, $ben) = (token(1001, 'read write'), token(1002, 'read'));
$t->sql(q{INSERT INTO album.photo (owner, title) VALUES ('1001', 'Mountains'), ('1002', 'Sea'), ('1003', 'Moor');
	INSERT INTO album.share SELECT id, owner, '1002' FROM album.photo WHERE title = 'Mountains'});
my %number = map { split /\|/ } split /\n/, $t->sql('SELECT title, id FROM album.photo');

# The guide's files, and what every Django project has
sub write_project
{
	mkdir "$dir/album" or die;
	for my $block (guide_blocks('django.md', 'python'))
	{
		my ($file) = $block =~ /\A# (album\/\w+\.py)$/m or die $block;
		append_to_file("$dir/$file", $block);
	}
	append_to_file("$dir/album/__init__.py", '');
	append_to_file("$dir/album/settings.py", <<'END');
import os
SECRET_KEY = 'of this test'
ALLOWED_HOSTS = ['127.0.0.1']
ROOT_URLCONF = 'album.urls'
INSTALLED_APPS = ['rest_framework', 'album']
MIDDLEWARE = []
USE_TZ = True
DATABASES['default']['NAME'] = 'postgres'
DATABASES['default']['ATOMIC_REQUESTS'] = 'UNWISE' not in os.environ
LOGGING = {'version': 1, 'disable_existing_loggers': False, 'handlers': {'e': {'class': 'logging.StreamHandler'}},
           'loggers': {'django.request': {'handlers': ['e'], 'level': 'ERROR'}}}
END
	append_to_file("$dir/album/urls.py", <<'END');
from django.db import connection
from django.urls import path
from rest_framework.response import Response
from .views import Photos, OnePhoto


class Open(Photos):
    authentication_classes = permission_classes = []


class Session(Photos):
    def get(self, request):
        with connection.cursor() as cursor:
            cursor.execute('SELECT pg_backend_pid(), (SELECT count(*) FROM photo)')
            return Response([*cursor.fetchone(), request.user.subject])


class Broken(Photos):
    def post(self, request):
        self.create(request)
        raise RuntimeError('broken')


urlpatterns = [path('photos/', Photos.as_view()), path('photos/<int:pk>/', OnePhoto.as_view()), path('open/', Open.as_view()),
               path('session/', Session.as_view()), path('broken/', Broken.as_view())]
END
	append_to_file("$dir/serve.py", <<'END');
import sys
from wsgiref.simple_server import make_server
from django.core.wsgi import get_wsgi_application
make_server('127.0.0.1', int(sys.argv[1]), get_wsgi_application()).serve_forever()
END
	return;
}

# One process and so one connection, for everybody
sub serve
{
	my (@environment) = @_;

	$port = PostgreSQL::Test::Cluster::get_free_port();
	$t->run_program($port, 'env', @environment, "PYTHONPATH=$dir", 'PYTHONDONTWRITEBYTECODE=1', 'DJANGO_SETTINGS_MODULE=album.settings',
		'PGHOST=' . $t->node->host, 'PGPORT=' . $t->node->port, 'python3', "$dir/serve.py", $port);
	return;
}

sub ask
{
	my ($path, $token, @arguments) = @_;
	return curl(defined $token ? ('-H', "Authorization: Bearer $token") : (), @arguments, "http://127.0.0.1:$port/$path/");
}

sub refused
{
	my ($name, $answer, $status, $challenge) = @_;

	is($answer->{status}, $status, "$name: $status") or diag($answer->{raw}, $t->program_log($port));
	is(header($answer, 'WWW-Authenticate'), 'Bearer realm="album"' . ($challenge ? ", $challenge" : ''), '... with a challenge');
	return;
}

sub titles { return join ' ', sort map { $_->{title} } @{ json($_[0]) } }

write_project();
serve();

# Who sees what
is(titles(ask('photos', $ann)), 'Mountains', 'Ann sees her photo') or diag($t->program_log($port));
is(titles(ask('photos', $ben)), 'Mountains Sea', 'Ben sees his, and what was shared with him');
is(json(ask("photos/$number{Mountains}", $ben))->{title}, 'Mountains', '... also by its number');
is(ask("photos/$number{Moor}", $ben)->{status}, 404, '... and not what was not');
is(titles(ask('open')), '', 'a view without authentication sees nothing, after them on the same connection');
is_deeply(json(ask('session', token(1003, 'read')))->[2], '1003', 'a view knows who calls');
is_deeply(json(ask('session', $t->sql("SELECT access_token FROM oauth_issue_token('$client', scope => 'read')")))->[2], undef, '... or that a client calls for itself');

# Who may not
refused('R139: no token', ask('photos'), 401);
refused($_, ask('photos', undef, '-H', "Authorization: $_"), 401, 'error="invalid_token"')
  for 'Bearer oat_' . 'A' x 54, 'Bearer', 'Bearer a b', "Basic $ann", $ann, "Bearer $ann x", "Bearer \xc3\xa4", q{Bearer ' OR true --};
refused('R147: a refresh token', ask('photos', $t->sql("SELECT refresh_token FROM oauth_issue_token('$client', '1001', 'read', refresh => true)")), 401, 'error="invalid_token"');
my $brief = token(1001, 'read');
is(ask('photos', $brief)->{status}, 200, 'a token');
$t->sql("SELECT oauth_revoke_token('$brief')");
refused('R160: once it is revoked', ask('photos', $brief), 401, 'error="invalid_token"');
my $old = token(1001, 'read');
$t->sql("UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE token_hash = sha256(convert_to('$old', 'UTF8'))");
refused('R140: an expired token', ask('photos', $old), 401, 'error="invalid_token"');
refused('R141: one for reading only, to add', ask('photos', $ben, '-d', 'title=Lake'), 403, 'error="insufficient_scope", scope="write"');
refused('... to change', ask("photos/$number{Sea}", $ben, '-X', 'PUT', '-d', 'title=Lake'), 403, 'error="insufficient_scope", scope="write"');
refused('... to delete', ask("photos/$number{Sea}", $ben, '-X', 'DELETE'), 403, 'error="insufficient_scope", scope="write"');
refused('one for writing only, to read', ask('photos', token(1001, 'write')), 403, 'error="insufficient_scope", scope="read"');

# Writing
my $added = ask('photos', $ann, '-d', 'title=Lake', '-d', 'owner=1002');
is($added->{status}, 201, 'Ann adds a photo') or diag($t->program_log($port));
is($t->sql(q{SELECT owner FROM album.photo WHERE title = 'Lake'}), '1001', '... which is hers, whatever she says');
is(ask("photos/$number{Sea}", $ann, '-X', $_, '-d', 'title=Mine')->{status}, 404, "she cannot $_ what is not hers") for qw(PUT PATCH DELETE);
is(ask('photos/' . json($added)->{id}, $ann, '-X', 'DELETE')->{status}, 204, 'she deletes what is hers');
is($t->sql(q{SELECT string_agg(title, ' ' ORDER BY title) FROM album.photo}), 'Moor Mountains Sea', 'and all else is as it was');
is(ask('broken', $ann, '-d', 'title=Lost')->{status}, 500, 'a view that fails after it has written');
is(titles(ask('open')), '', '... leaves no identity');
is($t->sql(q{SELECT count(*) FROM album.photo WHERE title = 'Lost'}), 0, '... and no photo');

# In turns on one connection
my %seen;
$seen{ join ' ', @{ json(ask('session', $_)) } }++ for ($ann, $ben, $ben, $ann) x 5;
is(join(',', sort values %seen), '10,10', 'Ann and Ben in turns');
my %backend = map { (split)[0] => 1 } keys %seen;
is(scalar(keys %backend), 1, '... on one connection');
is(join(',', sort map { join ' ', (split)[ 1, 2 ] } keys %seen), '1 1001,2 1002', '... each saw his own');

is($t->sql(q{SELECT count(*) FROM pg_stat_activity WHERE usename = 'album' AND query <> ''}), 0, 'with the settings that the guide gives, what psycopg2 sends is not shown');
$t->end_program($port);
serve('UNWISE=1');
is(ask('photos', $ann)->{status}, 500, 'without ATOMIC_REQUESTS nothing is answered');
like($t->program_log($port), qr/ImproperlyConfigured: .*set ATOMIC_REQUESTS/, '... and the log says why');
$t->finish;
is(scalar(() = slurp($t->node->logfile) =~ /\boat_/g), 0, '... nor in a log');
done_testing();
