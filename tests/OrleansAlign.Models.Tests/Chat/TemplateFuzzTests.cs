using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Tests.Chat;

/// <summary>Damaged templates either render or fail with the one exception; the damage is the same in every run.</summary>
public class TemplateFuzzTests
{
    private const string Everything = """
        {%- macro show(item, depth=0) -%}{{ '  ' * depth }}{{ item|tojson(indent=2) }}{%- endmacro -%}
        {%- set ns = namespace(found=false, text='') -%}
        {# comment #}
        {% for message in messages if message.role != 'tool' %}
          {%- if loop.first and message['role'] == 'system' -%}
            {{- '<<SYS>>\n' ~ message.content.strip()|upper ~ "\n<</SYS>>" -}}
          {%- elif (message.role == 'user') != (loop.index0 % 2 == 0) -%}
            {%- set ns.found = true -%}
          {%- else -%}
            {%- set ns.text = ns.text + message.content.split('</think>')[-1][1:-1:2] -%}
          {%- endif -%}
          {%- for key, value in message.items() -%}{{ key }}={{ value is string and not value is none }};{% else %}none{%- endfor -%}
          {%- if loop.index > 3 %}{% break %}{% endif -%}
        {% endfor %}
        {% set block %}[{{ ns.text|replace('a', 'b')|trim|default('x', true) }}]{% endset %}
        {{ block }}{{ show({'a': [1, 2.5, none, true]}, depth=1) }}{{ messages|selectattr('role', 'equalto', 'user')|map(attribute='content')|join(', ') }}
        {% filter indent(2) %}{{ 'a' ~ '-' ~ 7 % 4 }}{% endfilter %}{% raw %}{{ raw }}{% endraw %}
        {{ range(3)|sum ** 2 // 1 + 4 / 2 - 1 }}{{ 'x' if ns.found else 'y' }}{{ messages[::-1]|length }}{{ strftime_now('%d %b %Y') }}
        """;

    private static readonly string[] Inserts =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "(", ")", "[", "]", "{", "}", "|", ".", ",", ":", "'", "\"", "\\", "not ", "is ", " in ", " if ",
        "else", "{% endif %}", "{% endfor %}", "{% if x %}", "{% for a in b %}", "**", "//", "~", "==", "<", "0", "9999999999", "none", "loop",
        "messages", "\n", "é", "\ud83d", "\0", "|list", "|first", "*2", "[::-1]",
    ];

    private static readonly ChatTemplateOptions Short = new() { MaxSteps = 200_000, Time = FixedTime.Default };

    [Fact]
    public void A_damaged_template_renders_or_fails_clearly() => Damage(Everything, "everything", rounds: 1500);

    [ChatFact]
    public void A_damaged_published_template_renders_or_fails_clearly()
    {
        var sources = ChatFixtures.Cases().Select(item => item.Template().Source).Distinct().ToList();
        Assert.NotEmpty(sources);
        for (int i = 0; i < sources.Count; i++) Damage(sources[i], $"published {i}", rounds: 300);
    }

    [Fact]
    public void The_undamaged_template_renders() => Assert.NotEmpty(Render(Everything)!.Text);

    private static void Damage(string source, string name, int rounds)
    {
        int rendered = 0, failed = 0;
        for (int round = 0; round < rounds; round++)
        {
            string damaged = Mutate(source, CounterRandom.Derive(CounterRandom.Derive(1, name), (ulong)round));
            if (Render(damaged) is not null) rendered++;
            else failed++;
        }

        Assert.True(rendered > 0 && failed > 0, $"{name}: {rendered} rendered, {failed} failed.");
    }

    /// <summary>Null when it failed with the one exception.</summary>
    private static MarkedText? Render(string source)
    {
        var call = new JsonObject { ["function"] = new JsonObject { ["name"] = "f" } };
        ChatMessage[] messages =
        [
            new("system", "Be brief."), new("user", "What is <b> 2+2?"), new("assistant", "<think>\nhm\n</think>\n\n4 😀"),
            new("user", "Thanks") { Extra = new JsonObject { ["tool_calls"] = new JsonArray(call) } },
        ];
        try
        {
            return ChatTemplate.Parse(source, "damaged", new SpecialTokenTexts("<s>", "</s>"), Short).Render(messages, true, new JsonObject { ["x"] = 1 });
        }
        catch (ChatTemplateException error)
        {
            Assert.InRange(error.Line, 1, source.Count(c => c is '\n' or '\r') + 1);
            return null;
        }
    }

    private static string Mutate(string source, ulong seed)
    {
        ulong draw = 0;
        int Next(int count) => CounterRandom.Integer(seed, draw++, Math.Max(1, count));
        int changes = 1 + Next(4);
        for (int i = 0; i < changes; i++)
        {
            int at = Next(source.Length), length = Math.Min(1 + Next(Next(3) == 0 ? 40 : 3), source.Length - at);
            source = Next(5) switch
            {
                0 => source.Remove(at, length),
                1 => source.Insert(at, Inserts[Next(Inserts.Length)]),
                2 => source[..at] + (char)(source[at] ^ (1 << Next(7))) + source[(at + 1)..],
                3 => source.Insert(Next(source.Length), source.Substring(at, length)),
                _ => source.Remove(at, length).Insert(at, Inserts[Next(Inserts.Length)]),
            };
        }

        return source;
    }
}
