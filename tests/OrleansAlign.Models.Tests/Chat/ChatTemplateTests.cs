using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Tests.Chat;

public class ChatTemplateTests
{
    [Fact]
    public void Tools_and_documents_are_none_unless_passed_and_tokens_undefined()
    {
        const string Source = "{{ tools is none }}{{ documents is none }}{{ bos_token is defined }}{{ eos_token }}{{ add_generation_prompt }}";
        ChatTemplate template = ChatTemplate.Parse(Source, "t", new SpecialTokenTexts(Eos: "</s>"));
        Assert.Equal("TrueTrueFalse</s>True", template.Render([], true).Text);
        Assert.Equal("FalseTrueFalse</s>False", template.Render([], false, new JsonObject { ["tools"] = new JsonArray() }).Text);
    }

    [Fact]
    public void The_clock_is_the_one_given()
    {
        var clock = new FixedTime(new DateTimeOffset(2031, 1, 9, 23, 59, 58, TimeSpan.Zero));
        const string Source = "{{ strftime_now('%d %b %Y') }} {{ strftime_now('%A, %B %-d, %Y %H:%M:%S') }}";
        MarkedText rendered = ChatTemplate.Parse(Source, "t", options: new ChatTemplateOptions { Time = clock }).Render([], false);
        Assert.Equal("09 Jan 2031 Thursday, January 9, 2031 23:59:58", rendered.Text);
        Assert.Empty(rendered.Content);
    }

    [Fact]
    public void Local_time_is_that_of_the_clock()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(9), "east", "east");
        var options = new ChatTemplateOptions { Time = new ZonedTime(new DateTimeOffset(2024, 12, 31, 20, 0, 0, TimeSpan.Zero), zone) };
        Assert.Equal("2025-01-01 05:00", ChatTemplate.Parse("{{ strftime_now('%Y-%m-%d %H:%M') }}", "t", options: options).Render([], false).Text);
    }

    [Fact]
    public void One_template_renders_on_many_threads_at_once()
    {
        const string Source = "{% set n = namespace(t='') %}{% for m in messages %}{% set n.t = n.t + m.content %}{% endfor %}{{ n.t }}";
        ChatTemplate template = ChatTemplate.Parse(Source, "t");
        static ChatMessage[] Conversation(int i) => [.. Enumerable.Range(0, 20).Select(k => new ChatMessage("user", $"{i}.{k};"))];
        string[] rendered = new string[200];
        Parallel.For(0, rendered.Length, i => rendered[i] = template.Render(Conversation(i), false).Text);
        for (int i = 0; i < rendered.Length; i++) Assert.Equal(string.Concat(Enumerable.Range(0, 20).Select(k => $"{i}.{k};")), rendered[i]);
    }

    /// <summary>Llama 3's way with a system turn, a date and tools, written out by hand.</summary>
    [Fact]
    public void A_template_with_system_date_and_tools_renders_as_worked_out_by_hand()
    {
        const string Source = """
            {{- bos_token }}
            {%- if not date_string is defined %}
                {%- set date_string = strftime_now("%d %b %Y") %}
            {%- endif %}
            {%- if messages[0]['role'] == 'system' %}
                {%- set system_message = messages[0]['content']|trim %}
                {%- set messages = messages[1:] %}
            {%- else %}
                {%- set system_message = "" %}
            {%- endif %}
            {{- "<|system|>\n" }}
            {{- "Today: " + date_string + "\n" + system_message }}
            {%- if tools is not none %}
                {%- for t in tools %}
                    {{- "\n" + t | tojson(indent=2) }}
                {%- endfor %}
            {%- endif %}
            {%- for message in messages %}
                {%- if 'tool_calls' in message %}
                    {%- if not message.tool_calls|length == 1 %}
                        {{- raise_exception("one call at a time") }}
                    {%- endif %}
                    {%- set call = message.tool_calls[0].function %}
                    {{- '<|assistant|>\n{"name": "' + call.name + '", "parameters": ' }}
                    {{- call.arguments | tojson }}
                    {{- "}" }}
                {%- else %}
                    {{- '<|' + message['role'] + '|>\n' + message['content'] | trim }}
                {%- endif %}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|assistant|>\n' }}
            {%- endif %}

            """;
        ChatTemplate template = ChatTemplate.Parse(Source, "hand", new SpecialTokenTexts("<s>"), new ChatTemplateOptions { Time = FixedTime.Default });
        const string Call = """{"role": "assistant", "tool_calls": [{"function": {"name": "add", "arguments": {"a": 1, "b": "é"}}}]}""";
        ChatMessage call = ChatMessage.FromJson(JsonNode.Parse(Call)!.AsObject());
        ChatMessage[] messages = [new("system", " Be brief. "), new("user", "1+1?"), call, new("tool", "2")];
        var tools = new JsonObject { ["tools"] = JsonNode.Parse("""[{"name": "add"}]""") };
        Assert.Equal(
            "<s><|system|>\nToday: 26 Jul 2024\nBe brief.\n{\n  \"name\": \"add\"\n}<|user|>\n1+1?<|assistant|>\n"
            + "{\"name\": \"add\", \"parameters\": {\"a\": 1, \"b\": \"é\"}}<|tool|>\n2<|assistant|>\n",
            template.Render(messages, true, tools).Text);
        tools["date_string"] = "1 May 1999";
        Assert.StartsWith("<s><|system|>\nToday: 1 May 1999\n", template.Render(messages, true, tools).Text, StringComparison.Ordinal);
        Assert.Equal("<s><|system|>\nToday: 26 Jul 2024\n<|user|>\nhi", template.Render([new ChatMessage("user", "hi\n")], false).Text);
    }

    [Fact]
    public void Numbers_print_as_Python_prints_them()
    {
        var variables = new JsonObject { ["x"] = JsonNode.Parse("[1.0, 0.1, 1e16, 123456789.125, 1e-5, 0.0001, 5e-324, 1e400, 18446744073709551616, -0.0]") };
        Assert.Equal(
            "[1.0, 0.1, 1e+16, 123456789.125, 1e-05, 0.0001, 5e-324, inf, 18446744073709551616, -0.0]",
            Rendering.Render("{{ x }}", variables).Text);
    }

    private sealed class ZonedTime(DateTimeOffset now, TimeZoneInfo zone) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => zone;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
