using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;
using static OrleansAlign.Models.Tests.Chat.Rendering;

namespace OrleansAlign.Models.Tests.Chat;

/// <summary>A template that wants to hang or crash its reader ends with one clear error.</summary>
public class HostileTemplateTests
{
    private static string Times(string piece, int count) => string.Concat(Enumerable.Repeat(piece, count));

    public static TheoryData<string, string> Hostile() => new()
    {
        { "endless range", "{{ range(10**9)|list }}" },
        { "endless loop", "{% for x in range(10**9) %}{% endfor %}" },
        { "nested loops", Times("{% for x in range(100000) %}", 4) + "x" + Times("{% endfor %}", 4) },
        { "huge repetition", "{{ 'x' * 10**9 }}" },
        { "huge repetition of a list", "{{ [0] * 10**9 }}" },
        { "huge power", "{{ 9**(9**9) }}" },
        { "power tower", "{% set x = 10**1000 %}{% for i in range(100) %}{% set x = x * x %}{% endfor %}{{ 2 ** 4096 }}" },
        { "doubling text", "{% set n = namespace(t='ab') %}{% for i in range(100) %}{% set n.t = n.t + n.t %}{% endfor %}" },
        { "doubling list", "{% set n = namespace(t=[0]) %}{% for i in range(100) %}{% set n.t = n.t + n.t %}{% endfor %}" },
        { "shared lists that print exponentially", "{% set n = namespace(t=[0]) %}{% for i in range(60) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t }}" },
        { "shared lists as JSON", "{% set n = namespace(t=[0]) %}{% for i in range(60) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t|tojson }}" },
        {
            "shared lists compared",
            "{% set n = namespace(t=[0], u=[0]) %}"
            + "{% for i in range(60) %}{% set n.t = [n.t, n.t] %}{% set n.u = [n.u, n.u] %}{% endfor %}{{ n.t == n.u }}"
        },
        { "deep value", "{% set n = namespace(t=[]) %}{% for i in range(50000) %}{% set n.t = [n.t] %}{% endfor %}{{ n.t }}" },
        {
            "deep value sorted",
            "{% set n = namespace(t=[], u=[]) %}"
            + "{% for i in range(5000) %}{% set n.t = [n.t] %}{% set n.u = [n.u] %}{% endfor %}{{ [n.t, n.u]|sort }}"
        },
        { "a list in itself", "{% set l = [] %}{% set x = l.append(l) %}{{ l }}" },
        { "a dictionary in itself", "{% set d = {} %}{% set x = d.update({'d': d}) %}{{ d|tojson }}" },
        { "a list in itself compared", "{% set l = [] %}{% set x = l.append(l) %}{% set k = [] %}{% set x = k.append(k) %}{{ l == k }}" },
        {
            "a list that grows while it is read",
            "{% set l = [1] %}{% for x in l %}{% set y = l.extend(l) %}{% endfor %}"
            + "{% for i in range(60) %}{% set y = l.extend(l) %}{% endfor %}"
        },
        { "recursive macro", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}" },
        { "macros that call each other", "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}" },
        { "exponential macros", "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}" },
        { "recursive caller", "{% macro m() %}{% call m() %}x{% endcall %}{% endmacro %}{{ m() }}" },
        { "recursive default", "{% macro m(a=m()) %}{% endmacro %}{{ m() }}" },
        { "parentheses", "{{ " + Times("(", 100000) },
        { "balanced parentheses", "{{ " + Times("(", 50000) + "1" + Times(")", 50000) + " }}" },
        { "lists", "{{ " + Times("[", 50000) + Times("]", 50000) + " }}" },
        { "dictionaries", "{{ " + Times("{1:", 50000) + "1" + Times("}", 50000) + " }}" },
        { "nots", "{{ " + Times("not ", 100000) + "1 }}" },
        { "minuses", "{{ " + Times("-", 100000) + "1 }}" },
        { "sums", "{{ 1" + Times(" + 1", 100000) + " }}" },
        { "ors", "{{ 0" + Times(" or 0", 100000) + " }}" },
        { "filters", "{{ 1" + Times("|string", 100000) + " }}" },
        { "tests", "{{ 1" + Times(" is odd and 1", 100000) + " }}" },
        { "attributes", "{{ x" + Times(".x", 100000) + " }}" },
        { "subscripts", "{{ x" + Times("[0]", 100000) + " }}" },
        { "calls", "{{ x" + Times("()", 100000) + " }}" },
        { "conditions", "{{ 1" + Times(" if 1 else 1", 100000) + " }}" },
        { "conditions without else", "{{ 1" + Times(" if 1", 100000) + " }}" },
        { "blocks", Times("{% if 1 %}", 100000) },
        { "balanced blocks", Times("{% if 1 %}", 50000) + Times("{% endif %}", 50000) },
        { "loops in loops", Times("{% for x in [1] %}", 5000) + Times("{% endfor %}", 5000) },
        { "macros in macros", Times("{% macro m() %}", 5000) + Times("{% endmacro %}", 5000) },
        { "targets", "{% for " + Times("(", 50000) + "x in [] %}{% endfor %}" },
        { "wide indentation", "{{ 'a\\nb'|indent(10**9) }}" },
        { "wide JSON indentation", "{{ [1]|tojson(indent=10**9) }}" },
        { "growing replacement", "{{ ('x' * 10000).replace('', 'y' * 10000) }}" },
        { "growing join", "{{ ('y' * 10000).join('x' * 10000) }}" },
        { "long searches", "{% set t = 'a' * 1000000 %}{% set n = 'a' * 500000 + 'b' %}{% for i in range(100000) %}{% if n in t %}{% endif %}{% endfor %}" },
        {
            "long searches from the right",
            "{% set t = 'a' * 1000000 %}{% set n = 'b' + 'a' * 500000 %}"
            + "{% for i in range(100000) %}{% if t.rfind(n) %}{% endif %}{% endfor %}"
        },
        { "long strips", "{% set t = 'a' * 1000000 %}{% for i in range(100000) %}{{ t.strip('b' * 1000000 + 'a') }}{% endfor %}" },
        { "long comparisons", "{% set t = 'a' * 1000000 %}{% set u = 'a' * 1000000 %}{% for i in range(100000) %}{% if t == u ~ '' %}{% endif %}{% endfor %}" },
        { "much output", "{% for i in range(100000) %}{{ 'x' * 10000 }}{% endfor %}" },
        { "enormous number", "{{ " + new string('9', 100000) + " }}" },
        { "enormous number in a text", "{{ ('9' * 1000000)|int + 1 + 'x' }}" },
        { "many marks", "{% set n = namespace(t=c) %}{% for i in range(100) %}{% set n.t = n.t ~ '.' ~ n.t %}{% endfor %}" },
        { "filters of blocks", Times("{% filter upper %}", 50000) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Ends_with_one_clear_error(string name, string template)
    {
        var options = new ChatTemplateOptions { MaxSteps = 1_000_000 };
        var error = Assert.Throws<ChatTemplateException>(() => Render(template, new JsonObject { ["c"] = "x" }, options));
        Assert.StartsWith("Chat template 'test', line 1: ", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 1100, $"{name}: the message has {error.Message.Length} characters.");
    }

    [Theory]
    [InlineData("{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}")]
    [InlineData("{% for x in range(100000) %}{% for y in range(100000) %}{{ x }}{% endfor %}{% endfor %}")]
    [InlineData("{% set n = namespace(t=c) %}{% for i in range(100) %}{% set n.t = n.t ~ '.' ~ n.t %}{% endfor %}")]
    public void The_default_bounds_end_it_too(string template) =>
        Assert.Throws<ChatTemplateException>(() => Render(template, new JsonObject { ["c"] = "x" }));

    [Fact]
    public void A_template_at_the_default_depth_does_not_exhaust_a_small_stack()
    {
        // 256 KiB is a sixth of what the runtime gives its own threads.
        const string Template = "{% macro m(n) %}{% for i in [1] %}{{ ((m(n + 1)))|string|trim }}{% endfor %}{% endmacro %}{{ m(1) }}";
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() => Render(Template)), 256 * 1024);
        thread.Start();
        thread.Join();
        Assert.IsType<ChatTemplateException>(thrown);
    }

    [Fact]
    public void A_deep_but_reasonable_template_renders()
    {
        string sum = Times("(", 60) + "1" + Times(" + 1", 60) + Times(")", 60);
        Assert.Equal("61", Render(Times("{% if true %}", 60) + "{{ " + sum + " }}" + Times("{% endif %}", 60)).Text);
    }

    [Fact]
    public void A_long_conversation_renders_within_the_default_bounds()
    {
        static ChatMessage Turn(int i) => new(i % 2 == 0 ? "user" : "assistant", new string('x', 1000) + "</think>\n" + i);
        ChatMessage[] messages = [.. Enumerable.Range(0, 2000).Select(Turn)];
        const string Template =
            "{% for m in messages %}{% if '</think>' in m.content %}"
            + "{{ m.role + m.content.split('</think>')[-1].lstrip('\\n') ~ m.content|trim }}{% endif %}{% endfor %}";
        Assert.True(Render(Template, messages).Text.Length > 2_000_000);
    }

    [Fact]
    public void A_bound_that_was_met_is_named()
    {
        static string Message(string template, ChatTemplateOptions options) =>
            Assert.Throws<ChatTemplateException>(() => Render(template, null, options)).Message;
        Assert.Contains("raise MaxLength", Message("{{ 'x' * 11 }}", new ChatTemplateOptions { MaxLength = 10 }), StringComparison.Ordinal);
        Assert.Contains("raise MaxSteps", Message("{% for i in range(9) %}{% endfor %}", new ChatTemplateOptions { MaxSteps = 10 }), StringComparison.Ordinal);
        Assert.Contains("raise MaxDepth", Message("{{ [[[[[[1]]]]]]|string }}", new ChatTemplateOptions { MaxDepth = 7 }), StringComparison.Ordinal);
    }
}
