using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;
using static OrleansAlign.Models.Tests.Chat.Rendering;

namespace OrleansAlign.Models.Tests.Chat;

public class ChatTemplateErrorTests
{
    [Theory]
    [InlineData("a\n{{ x|uper }}", 2, "there is no filter 'uper'; the nearest known one is 'upper'")]
    [InlineData("{{ x is strng }}", 1, "there is no test 'strng'; the nearest known one is 'string'")]
    [InlineData("{{ x|map('lenght') }}", 1, "there is no filter 'lenght'; the nearest known one is 'length'")]
    [InlineData("{{ x|selectattr('a', 'equalsto', 1) }}", 1, "there is no test 'equalsto'; the nearest known one is 'equalto'")]
    [InlineData("{{ '%s'|format(x) }}", 1, "there is no filter 'format'; the nearest known one is")]
    [InlineData("{{ x|batch(2) }}", 1, "there is no filter 'batch'")]
    [InlineData("\n\n{% inclde 'x' %}", 3, "there is no tag 'inclde'")]
    [InlineData("{% fro x in y %}", 1, "the nearest known one is 'for'")]
    [InlineData("{% if a %}\n{% for b in c %}\n{% endif %}", 3, "'endif' stands where 'endfor' must close the 'for' of line 2")]
    [InlineData("a\n{% if a %}\nb", 2, "'{% if %}' is never closed. Add '{% endif %}'")]
    [InlineData("{{ a", 1, "the tag '{{' is never closed. Add '}}'")]
    [InlineData("{{ 'a }}", 1, "a text that opens with ' is never closed")]
    [InlineData("{{ a ? b }}", 1, "the character '?' (U+003F) means nothing in a tag")]
    [InlineData("{{ (a }}", 1, "'}' stands where ')' must close line 1's bracket")]
    [InlineData("{{ a b }}", 1, "'b' stands where '}}' must close the output")]
    [InlineData("{{ '\\x4' }}", 1, "the escape '\\x' must be followed by 2 hexadecimal digits")]
    [InlineData("{% break %}", 1, "'break' stands outside of a loop")]
    [InlineData("{% for x in [] %}{{ x|nope }}{% endfor %}", 1, "there is no filter 'nope'")]
    [InlineData("{% if a %}{{ 1|nope }}{% endif %}\n{{ 1|nope }}", 2, "there is no filter 'nope'")]
    [InlineData("{{ 1 if a else 2|nope }}\n{{ 1 is nope }}", 2, "there is no test 'nope'")]
    [InlineData("{% macro m(caller) %}{{ caller() }}{% endmacro %}", 1, "the parameter 'caller' has a meaning of its own")]
    public void A_broken_template_fails_when_it_is_read(string source, int line, string what)
    {
        var error = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source, "mine.jinja"));
        Assert.Equal((line, "mine.jinja", null), (error.Line, error.TemplateName, error.Raised));
        Assert.StartsWith($"Chat template 'mine.jinja', line {line}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\n{{ x.y }}", 2, "'x' is undefined. Test it with 'is defined', or pass it")]
    [InlineData("{{ {'a': 1}.b.c }}", 1, "a value of type dict has no attribute or item 'b'; the nearest known one is")]
    [InlineData("{{ 'a'.stripp() }}", 1, "a value of type str has no attribute or item 'stripp'; the nearest known one is 'strip', and cannot be called")]
    [InlineData("\n{{ 'a' + 1 }}", 2, "'+' cannot join a value of type str and one of type int. Join with '~'")]
    [InlineData("{{ '{}'.format(1) }}", 1, "a value of type str has no attribute or item 'format'")]
    [InlineData("{{ '%s' % 1 }}", 1, "'%' cannot join a value of type str and one of type int. Join with '~'")]
    [InlineData("{{ joiner(',')() }}", 1, "'joiner' is undefined, and cannot be called")]
    [InlineData("{% for a in 5 %}{% endfor %}", 1, "a value of type int has no items to go through")]
    [InlineData("{{ 1 / 0 }}", 1, "division by zero")]
    [InlineData("{{ 'a'|replace('b') }}", 1, "the filter 'replace' needs its argument 'new'")]
    [InlineData("{{ 'a'|upper(1) }}", 1, "the filter 'upper' takes at most 0 arguments, not 1")]
    [InlineData("{{ [1]|join(seperator=',') }}", 1, "the filter 'join' has no argument 'seperator'. It has: d, attribute")]
    [InlineData("{% macro m(a) %}{% endmacro %}\n{{ m(b=1) }}", 2, "the macro 'm' has no argument 'b'. It has: a")]
    [InlineData("{% set d = {} %}{% set d.a = 1 %}", 1, "'d' is not a namespace, so 'd.a' cannot be set")]
    [InlineData("{% for a, b in [[1]] %}{% endfor %}", 1, "1 items are unpacked into 2 names")]
    [InlineData("{{ {[1]: 2} }}", 1, "a value of type list cannot be a dictionary's key")]
    [InlineData("{{ range(200000) }}", 1, "a range has 200000 items; at most 100000 are allowed")]
    [InlineData("{% if true %}\n{{ 1|nope }}{% endif %}", 2, "there is no filter 'nope'")]
    [InlineData("{% if false %}a{% elif 1 is nope %}{% endif %}", 1, "there is no test 'nope'")]
    [InlineData("{{ 1|nope if true else 2 }}", 1, "there is no filter 'nope'")]
    [InlineData("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", 1, "the macro 'm' takes at most 1 arguments, not 2")]
    [InlineData("{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}", 1, "the macro 'm' was not called by 'call', so its 'caller' is undefined")]
    [InlineData("{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}", 1, "the macro 'm' has no argument 'caller'")]
    [InlineData(
        "{% macro m() %}{{ caller() }}{% endmacro %}{% macro n() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{% call n() %}x{% endcall %}",
        1, "the macro 'caller' was not called by 'call'")]
    [InlineData("{% macro m() %}\n{{ 1 < 'a' }}\n{% endmacro %}\n{{ m() }}", 2, "'<' cannot order a value of type int and one of type str")]
    public void A_failure_while_rendering_names_its_line(string source, int line, string what)
    {
        ChatTemplate template = ChatTemplate.Parse(source, "mine.jinja");
        var error = Assert.Throws<ChatTemplateException>(() => template.Render([], false));
        Assert.Equal(line, error.Line);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% if false %}{{ 1|nope }}{% endif %}a", "a")]
    [InlineData("{{ (1|nope) if false else 'b' }}", "b")]
    [InlineData("{{ 'b' if true else 1|nope }}", "b")]
    [InlineData("{% if false %}{% for x in [1] %}{% if x is nope %}{% endif %}{% endfor %}{% endif %}c", "c")]
    [InlineData("{% if true %}d{% elif 1|nope %}e{% else %}{{ x|map('nope') }}{% endif %}", "d")]
    public void An_unknown_filter_or_test_where_it_does_not_run_fails_nothing(string source, string expected) =>
        Assert.Equal(expected, ChatTemplate.Parse(source, "mine.jinja").Render([], false).Text);

    [Theory]
    [InlineData("{% macro m(a, b) %}{{ a }}{{ b }}{{ varargs }}{{ caller is defined }}{% endmacro %}{{ m(1, 2, 3) }}", "12(3,)False")]
    [InlineData(
        "{% macro m(a) %}{{ a }}{% if caller %}{{ caller() }}{% endif %}{{ varargs|length }}{% endmacro %}{% call m(1, 2) %}x{% endcall %}", "1x1")]
    [InlineData("{% macro m(a) %}{{ a }}{{ kwargs }}{% endmacro %}{{ m(1, b=2) }}{{ m(1, a=2) }}", "1{'b': 2}1{'a': 2}")]
    [InlineData(
        "{% macro inner() %}{{ caller is defined }}{% endmacro %}{% macro m() %}{{ inner() }}{{ caller() }}{% endmacro %}{% call m() %}x{% endcall %}",
        "Falsex")]
    [InlineData("{% macro m(varargs=5) %}{{ varargs }}{% endmacro %}{{ m() }}{{ m(6) }}", "56")]
    [InlineData("{% macro m(kwargs=5) %}{{ kwargs }}{% endmacro %}{{ m(kwargs=6) }}", "6")]
    [InlineData(
        "{% macro m(caller=none) %}{{ caller() if caller else 'no' }}{% endmacro %}{{ m() }}{% call m() %}x{% endcall %}", "nox")]
    [InlineData("{% macro m(a='d') %}{{ a }}{{ caller('z') }}{% endmacro %}{% call(v) m() %}<{{ v }}>{% endcall %}", "d<z>")]
    [InlineData("{% macro m() %}{{ varargs|join('-') }}|{{ kwargs|dictsort }}{% endmacro %}{{ m(*[1, 2], **{'x': 3}) }}", "1-2|[('x', 3)]")]
    [InlineData(
        "{% macro m() %}{{ caller() }}{% endmacro %}{% macro n() %}[{% call m() %}{{ varargs }}{% endcall %}]{% endmacro %}{{ n(1) }}", "[()]")]
    public void A_macro_s_hidden_arguments_are_those_of_Jinja_3_1(string source, string expected) =>
        Assert.Equal(expected, ChatTemplate.Parse(source, "mine.jinja").Render([], false).Text);

    [Fact]
    public void The_templates_own_words_can_be_read_apart()
    {
        ChatTemplate template = ChatTemplate.Parse("x\n{{ raise_exception('Roles must alternate: ' ~ messages[0].role) }}", "mine.jinja");
        var error = Assert.Throws<ChatTemplateException>(() => template.Render([new ChatMessage("tool", "")], false));
        Assert.Equal("Roles must alternate: tool", error.Raised);
        Assert.Equal("Chat template 'mine.jinja', line 2: the template refuses this conversation: Roles must alternate: tool", error.Message);
    }

    [Fact]
    public void A_failed_rendering_leaves_the_template_as_it_was()
    {
        ChatTemplate template = ChatTemplate.Parse("{% if messages|length > 1 %}{{ raise_exception('no') }}{% endif %}{{ messages[0].content }}", "mine.jinja");
        Assert.Throws<ChatTemplateException>(() => template.Render([new ChatMessage("user", "a"), new ChatMessage("user", "b")], false));
        Assert.Equal("a", template.Render([new ChatMessage("user", "a")], false).Text);
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("add_generation_prompt")]
    public void A_variable_cannot_stand_in_for_an_argument(string name) =>
        Assert.Throws<ArgumentException>(() => Render("x", new JsonObject { [name] = 1 }));
}
