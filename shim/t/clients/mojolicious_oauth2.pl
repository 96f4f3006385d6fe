#!/usr/bin/perl
# mojolicious_oauth2.pl: an application of Mojolicious whose users log in by Mojolicious::Plugin::OAuth2.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Browse qw(browse);
use Mojolicious::Lite -signatures;
use Test::Mojo;
use Test::More;

plugin OAuth2 => {
	album => {
		key => $ENV{CLIENT_ID},
		secret => $ENV{CLIENT_SECRET},
		authorize_url => "$ENV{OAUTH_URL}/oauth2/authorize?response_type=code",
		token_url => "$ENV{OAUTH_URL}/oauth2/token"
	}
};

get '/login' => sub ($c) {
	my %asked = (redirect_uri => $ENV{REDIRECT_URI}, scope => 'read', state => 'xyz');
	return $c->redirect_to($c->oauth2->auth_url(album => \%asked)) unless $c->param('code');
	return $c->render(text => 'another state', status => 403) unless $c->param('state') eq 'xyz';
	$c->render_later;
	my $call = sub ($step, $token) {
		my $answer = $c->ua->get("$ENV{OAUTH_URL}/api/", { Authorization => "Bearer $token->{access_token}" })->result->body;
		return "$step $answer\n";
	};
	$c->oauth2->get_token_p(album => \%asked)->then(sub ($token) {
		my $first = $call->('code', $token);
		return $c->oauth2->get_refresh_token_p(album => { refresh_token => $token->{refresh_token} })->then(sub ($new) {
			$c->render(text => $first . $call->('refresh', $new));
		});
	})->catch(sub ($error) { $c->render(text => "failed: $error\n", status => 500) });
};

app->log->level('fatal');
my $t = Test::Mojo->new;
my $sent = $t->ua->get('/login')->result->headers->location;
my $page = $t->ua->get(Mojo::URL->new('/login')->query(browse($sent)))->result;
die $page->body unless $page->is_success;
print $page->body;
