# Reads letters with MIME-tools, nothing of them on disk: a line of JSON for each file that is named.
use strict;
use warnings;
use JSON::PP;
use MIME::Base64;
use MIME::Parser;
use MIME::WordDecoder;

sub shape {
    my ($entity) = @_;
    my @parts = $entity->parts;
    my $type = $entity->mime_type;
    return @parts ? $type . '(' . join(' ', map { shape($_) } @parts) . ')' : $type;
}

sub leaves {
    my ($entity) = @_;
    my @parts = $entity->parts;
    return map { leaves($_) } @parts if @parts;
    return [$entity->mime_type, encode_base64($entity->bodyhandle->as_string, '')];
}

sub shown {
    my ($head, $name) = @_;
    $head->unfold($name);
    my $text = mime_to_perl_string($head->get($name, 0));
    $text =~ s/\s+\z//;
    return $text;
}

for my $path (@ARGV) {
    my $parser = MIME::Parser->new;
    $parser->output_to_core(1);
    $parser->tmp_to_core(1);
    my $entity = $parser->parse_open($path);
    my @objections = $parser->results->msgs;
    push @objections, 'ambiguous' if $entity->can('ambiguous_content') && $entity->ambiguous_content;  # since 5.513
    print JSON::PP->new->ascii->encode({
        subject => shown($entity->head, 'Subject'),
        sender  => shown($entity->head, 'From'),
        shape   => shape($entity),
        leaves  => [leaves($entity)],
        defects => \@objections,
    }), "\n";
}
