# A client by RPC::XML: makes each call of standard input, a document a line, and prints what comes
# back as a response in one line. Argument: URL.

use strict;
use warnings;
use RPC::XML;
use RPC::XML::Client;
use RPC::XML::ParserFactory;

$RPC::XML::ENCODING = 'utf-8';
$| = 1;
my $client = RPC::XML::Client->new($ARGV[0]);
while (my $call = <STDIN>) {
    my $request = RPC::XML::ParserFactory->new->parse($call);
    die $request unless ref $request;
    my $result = $client->send_request($request);
    die $result unless ref $result;
    my $answer = RPC::XML::response->new($result)->as_string;
    utf8::encode($answer) if utf8::is_utf8($answer);
    $answer =~ s/[\r\n]//g;
    print "$answer\n";
}
